// observation: what happened to the probes before and after the change, and what of it each consumer would notice.
#pragma once

#include <string>
#include <vector>

#include "probes.hpp"

namespace accord::oracle {

struct outcome {
  reply answer;
  std::vector<row> added;  // by the write, in the columns of the table before; of UPDATE all rows after it
  std::size_t removed = 0;
  column_set unstable = 0;  // columns that differ from run to run: sequences
};

// How the table is read behind the clients' backs: by its columns before, each cast back to its type before.
struct reading {
  bool there = false;                     // the table, for shop.stored() and shop.stored_plain() to read
  bool deferred = false;                  // it has constraints that are checked at the end
  bool another = false, is_view = false;  // another table has its name; a view has
  column_set present = 0;                 // columns that are still there
  column_set reused = 0, renamed = 0;     // whose names are those of other columns now, where they are gone; that have another name
  std::vector<row> rows, plain_rows;      // before a write; as they are, without a cast to the type before the change
};
reading reading_of(server&, const table&);

// One thing that somebody would notice.
struct difference {
  std::size_t probe = 0;
  bool writer = false;
  core::strictness at = core::strictness::data;
  column_set uses = 0;     // must all be columns of the consumer
  column_set touches = 0;  // one of them must be; 0: any
  bool whole = false;
  std::string what;
};

// Both of those probes only that are wanted.
void observe(server&, const std::vector<probe>&, const std::vector<bool>& wanted, const reading&, const std::string& role,
             std::vector<outcome>&);
std::vector<difference> compare(server&, const table&, const std::vector<probe>&, const std::vector<bool>& wanted,
                                const std::vector<outcome>& before, const std::vector<outcome>& after, const reading& then,
                                const reading& now);

}  // namespace accord::oracle

// statement: one DDL statement as values, read from text or from a parse tree of the server's own parser.
//
// accord.check, accord.stage and the guard must understand DDL exactly as PostgreSQL will.  They take the server's parse tree, resolve its
// names in the caller's search_path, and hand on change::any_change values, which the pure folders judge and plan with.
//
// Invariants: nothing here changes anything; no lock on a user's relation is taken; names that do not exist leave `relation` invalid, and
// it is the caller who decides whether that is an error.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "change/change.hpp"
#include "core/shape.hpp"
#include "pg/bridge.hpp"

namespace accord::ddl {

struct statement {
  std::string text;             // as the user wrote it, without the semicolon; empty where only the parse tree was at hand
  int ordinal = 0;              // place in the script, from 0; DROP TABLE a, b gives two statements of the same ordinal
  int location = 0;             // byte offset in the script
  int target_location = -1;     // byte offset of the relation's name in the script; -1: unknown
  std::string tag;              // ALTER TABLE
  Oid relation = InvalidOid;    // InvalidOid: there is no such relation, or the statement concerns none
  core::qualified_name target;  // as resolved; as written where nothing was found; empty where the statement concerns no relation
  bool missing_ok = false;      // IF EXISTS
  bool cascade = false;
  std::vector<change::any_change> changes;
  bool understood = false;  // `changes` says all that clients can see of the statement's effect
};

// What names mean at the place where a statement will run.
class world {
 public:
  virtual ~world() = default;
  // `written` as in the statement, its schema possibly empty.  InvalidOid: no such relation.
  virtual Oid find(const RangeVar* written) = 0;
  virtual core::qualified_name name_of(Oid relation) = 0;
  // The shape before the statement; nullptr where there is none to be had.
  virtual const core::shape* shape_of(Oid relation) = 0;
  // Can statements name what an earlier one of the script has made, and the catalogs do not have?
  virtual bool is_ahead() const { return false; }
};

// The database as it is; shapes come from registry::capture_shape and are kept for the lifetime of the object.
class catalog_world : public world {
 public:
  Oid find(const RangeVar*) override;
  core::qualified_name name_of(Oid) override;
  const core::shape* shape_of(Oid) override;

 private:
  std::map<Oid, core::shape> shapes_;
};

// Statement by statement through a script.  `each` is called with what one statement says, before the next one is read in `w`, so that the
// caller can carry the changes over into `w`.  A syntax error is raised as PostgreSQL does, with its position in `sql`.
struct reader {
  virtual ~reader() = default;
  virtual void each(Node* tree, std::vector<statement> targets) = 0;
};
void read(std::string_view sql, world& w, reader& r);
// The same without `changes` and shapes.
void read_concerned(std::string_view sql, world& w, reader& r);

// The statements of a script by their place and text, unread.
struct piece {
  int location;  // byte offset
  std::string text;
};
std::vector<piece> split(std::string_view sql);

// All statements of a script, each on the database as it is now.
std::vector<statement> parse(std::string_view sql);
std::vector<statement> parse(std::string_view sql, world& w);

// One parse tree.  `source` is the text that its locations refer to, empty where there is none at hand.
std::vector<statement> from_tree(Node* tree, world& w, std::string_view source = {});

// The same without `changes` and shapes: which relations it concerns, at next to no cost.
std::vector<statement> concerned(Node* tree, world& w);

// An error about the script: `location` is a byte offset in it, or -1.
[[noreturn]] void fail_at(std::string_view script, int location, const core::failure&);

}  // namespace accord::ddl

// What the tool reads from SQL text itself: comments, and what only psql understands.
//
// The server parses; this only tells text in quotes from text outside, so that nothing in a literal is taken for a comment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace accord::cli {

struct text_piece {
  int line = 0;  // from 1
  std::string text;
};

struct scanned_sql {
  std::vector<text_piece> comments;   // without their marks
  std::vector<text_piece> psql_only;  // \i other.sql, or COPY … FROM stdin
  std::string text;                   // as given, with \restrict and \unrestrict, which pg_dump writes, blanked out
  std::string bare;                   // without comments, and each run of white space outside quotes as one blank
};

scanned_sql scan_sql(std::string_view sql);

}  // namespace accord::cli

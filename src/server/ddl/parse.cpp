// parse: a script through the server's own parser, statement by statement.
//
// A syntax error inside accord.check('…') or accord.stage('…') is about the script and not about the statement that calls us: an error-context
// callback moves its position there, as the server does for the statements of a function.
#include <fmt/format.h>

#include "pg/scope.hpp"
#include "server/ddl/tree.hpp"

#include "pg/pg.h"

namespace accord::ddl {

namespace {

void move_position(void* script) {
  int position = geterrposition();
  if (position <= 0) return;
  errposition(0);
  internalerrposition(position);
  internalerrquery(static_cast<const char*>(script));
}

List* raw_parse(const char* script) {
  return pg([&] {
    ErrorContextCallback callback{error_context_stack, move_position, const_cast<char*>(script)};
    error_context_stack = &callback;
    List* trees = raw_parser(script, RAW_PARSE_DEFAULT);
    error_context_stack = callback.previous;
    return trees;
  });
}

// Without the comments and spaces around it, which the parser counts in.
piece piece_of(const std::string& script, const RawStmt* raw) {
  auto begin = static_cast<std::size_t>(raw->stmt_location);
  auto end = raw->stmt_len > 0 ? begin + static_cast<std::size_t>(raw->stmt_len) : script.size();
  auto [first, past] = source(script.substr(begin, end - begin)).extent();
  return {static_cast<int>(begin) + first, script.substr(begin + static_cast<std::size_t>(first), static_cast<std::size_t>(past - first))};
}

class collector : public reader {
 public:
  void each(Node*, std::vector<statement> targets) override {
    for (auto& s : targets)
      all.push_back(std::move(s));
  }
  std::vector<statement> all;
};

}  // namespace

namespace {

void read_script(std::string_view sql, world& w, reader& r, bool only_concerned) {
  memory_scope scope("accord parse");
  std::string script(sql);
  List* trees = raw_parse(script.c_str());
  source whole(script);
  for (int i = 0; i < list_length(trees); i++) {
    auto* raw = static_cast<RawStmt*>(list_nth(trees, i));
    piece p = piece_of(script, raw);
    context c{w, whole, only_concerned, nullptr};
    auto targets = read_tree(raw->stmt, c);
    for (auto& s : targets) {
      s.text = p.text;
      s.location = p.location;
      s.ordinal = i;
    }
    r.each(raw->stmt, std::move(targets));
  }
}

}  // namespace

void read(std::string_view sql, world& w, reader& r) {
  read_script(sql, w, r, false);
}

void read_concerned(std::string_view sql, world& w, reader& r) {
  read_script(sql, w, r, true);
}

std::vector<piece> split(std::string_view sql) {
  memory_scope scope("accord parse");
  std::string script(sql);
  List* trees = raw_parse(script.c_str());
  std::vector<piece> pieces;
  for (int i = 0; i < list_length(trees); i++)
    pieces.push_back(piece_of(script, static_cast<RawStmt*>(list_nth(trees, i))));
  return pieces;
}

std::vector<statement> parse(std::string_view sql, world& w) {
  collector c;
  read(sql, w, c);
  return std::move(c.all);
}

std::vector<statement> parse(std::string_view sql) {
  catalog_world w;
  return parse(sql, w);
}

std::vector<statement> from_tree(Node* tree, world& w, std::string_view text) {
  source whole(text);
  context c{w, whole, false, nullptr};
  return read_tree(tree, c);
}

std::vector<statement> concerned(Node* tree, world& w) {
  source none;
  context c{w, none, true, nullptr};
  return read_tree(tree, c);
}

void fail_at(std::string_view script, int location, const core::failure& f) {
  std::string text(script);
  const char *query = text.c_str(), *message = f.message.c_str(), *detail = f.detail.c_str(), *hint = f.hint.c_str(),
             *state = f.sqlstate.c_str();
  int position = location < 0 ? 0 : pg([&] { return pg_mbstrlen_with_len(query, location) + 1; });
  pg([&] {
    ereport(ERROR, (errcode(MAKE_SQLSTATE(state[0], state[1], state[2], state[3], state[4])), errmsg_internal("%s", message),
                    *detail ? errdetail_internal("%s", detail) : 0, *hint ? errhint("%s", hint) : 0,
                    position ? internalerrposition(position) : 0, position ? internalerrquery(query) : 0));
  });
  throw f;  // not reached: the ereport above does not return
}

}  // namespace accord::ddl

// server: one connection of the oracle, close to the wire.
//
// libpq and not libpqxx, because the oracle compares what libpqxx hides: type modifiers of results, binary parameters, and COPY in both
// formats.
#pragma once

#include <libpq-fe.h>
#include <memory>
#include <string>
#include <vector>

namespace accord::oracle {

using row = std::vector<std::string>;  // null_text stands for NULL
inline const std::string null_text = "\\N";

struct reply {
  std::string state;  // SQLSTATE; empty: it went well
  std::string message, detail;
  std::string tag;  // UPDATE 2
  std::vector<std::string> names;
  std::vector<Oid> types;
  std::vector<int> modifiers;
  std::vector<row> rows;
  std::string copied;  // what COPY TO gave

  bool ok() const { return state.empty(); }
};

// One statement, with parameters in binary whose types the server infers, or without.
struct command {
  std::string sql;  // or, after "=", the name of what is prepared
  std::vector<std::string> values = {};
  std::vector<bool> nulls = {};
};

using step = std::vector<command>;  // what comes after an error is not run

class server {
 public:
  explicit server(const std::string& database = {});  // PGDATABASE where none is named

  // Each step by itself, whatever happens to the others, in one go: no COPY.
  std::vector<std::vector<reply>> batch(const std::vector<step>&);

  // The statements of one string in one round trip, up to the first that fails; `copy` is what COPY FROM STDIN gets.
  std::vector<reply> run(const std::string& sql, const std::string& copy = {});
  reply last(const std::string& sql) { return run(sql).back(); }
  // For what must go well; throws std::runtime_error.
  std::vector<row> must(const std::string& sql);
  // The first row in binary; empty where there is none.
  std::vector<std::string> binary_row(const std::string& sql);
  std::string literal(const std::string& text);

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

std::string quoted(const std::string& identifier);

}  // namespace accord::oracle

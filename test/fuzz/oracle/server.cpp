// server.  See server.hpp.
#include "server.hpp"

#include <cstdio>
#include <stdexcept>

namespace accord::oracle {

namespace {

void ignore_notice(void*, const PGresult*) {}

reply converted(const PGresult* result) {
  reply r;
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR) {
    auto field = [&](int code) {
      const char* text = PQresultErrorField(result, code);
      return std::string(text ? text : "");
    };
    r.state = field(PG_DIAG_SQLSTATE);
    if (r.state.empty()) r.state = "XXXXX";
    r.message = field(PG_DIAG_MESSAGE_PRIMARY);
    r.detail = field(PG_DIAG_MESSAGE_DETAIL);
    return r;
  }
  if (status == PGRES_PIPELINE_ABORTED) r.state = "25P02";  // not run, after an error
  r.tag = PQcmdStatus(const_cast<PGresult*>(result));
  const int columns = PQnfields(result);
  for (int c = 0; c < columns; c++) {
    r.names.emplace_back(PQfname(result, c));
    r.types.push_back(PQftype(result, c));
    r.modifiers.push_back(PQfmod(result, c));
  }
  for (int i = 0; i < PQntuples(result); i++) {
    row values;
    for (int c = 0; c < columns; c++)
      values.push_back(PQgetisnull(result, i, c)
                           ? null_text
                           : std::string(PQgetvalue(result, i, c), static_cast<std::size_t>(PQgetlength(result, i, c))));
    r.rows.push_back(std::move(values));
  }
  return r;
}

}  // namespace

server::server(const std::string& database) : connection_(PQconnectdb(database.empty() ? "" : ("dbname=" + database).c_str()), PQfinish) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_.get()));
  PQsetNoticeReceiver(connection_.get(), ignore_notice, nullptr);
}

std::vector<reply> server::run(const std::string& sql, const std::string& copy) {
  PGconn* c = connection_.get();
  std::vector<reply> replies;
  if (!PQsendQuery(c, sql.c_str())) throw std::runtime_error(PQerrorMessage(c));
  while (PGresult* result = PQgetResult(c)) {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COPY_IN) {
      PQputCopyData(c, copy.data(), static_cast<int>(copy.size()));
      PQputCopyEnd(c, nullptr);
    } else if (status == PGRES_COPY_OUT) {
      reply r;
      char* buffer = nullptr;
      for (int size = 0; (size = PQgetCopyData(c, &buffer, 0)) > 0; PQfreemem(buffer))
        r.copied.append(buffer, static_cast<std::size_t>(size));
      replies.push_back(std::move(r));
      PQclear(result);
      if ((result = PQgetResult(c))) {  // the end of COPY, or its error
        reply end = converted(result);
        if (!end.ok())
          replies.back() = std::move(end);
        else
          replies.back().tag = end.tag;
      } else {
        break;
      }
    } else {
      replies.push_back(converted(result));
    }
    PQclear(result);
  }
  if (PQstatus(c) != CONNECTION_OK) throw std::runtime_error("the server closed the connection at: " + sql);
  if (replies.empty()) replies.emplace_back();
  return replies;
}

std::vector<row> server::must(const std::string& sql) {
  reply r = last(sql);
  if (!r.ok()) throw std::runtime_error(r.state + ": " + r.message + "\n" + sql);
  return std::move(r.rows);
}

std::vector<std::vector<reply>> server::batch(const std::vector<step>& steps) {
  PGconn* c = connection_.get();
  auto check = [&](int done) {
    if (!done) throw std::runtime_error(PQerrorMessage(c));
  };
  check(PQenterPipelineMode(c));
  for (const step& commands : steps) {
    for (const command& one : commands) {
      std::vector<const char*> pointers;
      std::vector<int> lengths, formats;
      for (std::size_t i = 0; i < one.values.size(); i++) {
        pointers.push_back(one.nulls[i] ? nullptr : one.values[i].data());
        lengths.push_back(static_cast<int>(one.values[i].size()));
        formats.push_back(1);
      }
      const auto count = static_cast<int>(one.values.size());
      check(one.sql.starts_with('=')
                ? PQsendQueryPrepared(c, one.sql.c_str() + 1, count, pointers.data(), lengths.data(), formats.data(), 0)
                : PQsendQueryParams(c, one.sql.c_str(), count, nullptr, pointers.data(), lengths.data(), formats.data(), 0));
    }
    check(PQpipelineSync(c));
  }
  std::vector<std::vector<reply>> replies;
  for (const step& commands : steps) {
    replies.emplace_back();
    for (bool synced = false; !synced;) {
      PGresult* result = PQgetResult(c);
      if (!result) {  // the end of one statement
        if (PQstatus(c) != CONNECTION_OK) throw std::runtime_error("the server closed the connection at: " + commands[0].sql);
        continue;
      }
      synced = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
      if (!synced) replies.back().push_back(converted(result));
      PQclear(result);
    }
  }
  check(PQexitPipelineMode(c));
  return replies;
}

std::vector<std::string> server::binary_row(const std::string& sql) {
  PGresult* result = PQexecParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1);
  reply r = converted(result);
  PQclear(result);
  return r.rows.empty() ? row{} : r.rows.front();
}

std::string server::literal(const std::string& text) {
  char* quoted = PQescapeLiteral(connection_.get(), text.data(), text.size());
  std::string result = quoted;
  PQfreemem(quoted);
  return result;
}

std::string quoted(const std::string& identifier) {
  std::string result = "\"";
  for (char c : identifier)
    result += c == '"' ? "\"\"" : std::string(1, c);
  return result + "\"";
}

}  // namespace accord::oracle

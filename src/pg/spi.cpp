// SQL from C++.  See spi.hpp.
#include "pg/spi.hpp"

#include "pg/scope.hpp"

#include "pg/pg.h"

namespace accord::spi {

namespace {

// The rows of one statement in palloc'd memory: what can cross pg().
struct raw_rows {
  uint64 count = 0, processed = 0;
  int columns = 0;
  char** values = nullptr;  // count * columns, NULL for SQL NULL
};

constexpr std::size_t max_params = 24;

struct raw_params {
  int count = 0;
  Oid types[max_params];
  Datum values[max_params];
  char nulls[max_params];
};

void fill(raw_params& raw, std::span<const param> params) {
  if (params.size() > max_params) throw failure("XX000", "too many parameters for an internal statement");
  raw.count = static_cast<int>(params.size());
  for (std::size_t i = 0; i < params.size(); i++) {
    raw.types[i] = TEXTOID;
    raw.nulls[i] = params[i].value ? ' ' : 'n';
    const char* text = params[i].value ? params[i].value->c_str() : nullptr;
    raw.values[i] = text ? pg([&] { return CStringGetTextDatum(text); }) : Datum(0);
  }
}

// Inside pg(): checks the result code and copies the rows into `context`.
raw_rows copy_result(int code, MemoryContext context) {
  if (code < 0) elog(ERROR, "internal statement failed: %s", SPI_result_code_string(code));
  raw_rows raw;
  raw.processed = SPI_processed;
  if (SPI_tuptable && SPI_tuptable->numvals > 0) {
    raw.count = SPI_tuptable->numvals;
    raw.columns = SPI_tuptable->tupdesc->natts;
    MemoryContext spi = MemoryContextSwitchTo(context);
    raw.values = static_cast<char**>(MemoryContextAllocHuge(context, sizeof(char*) * raw.count * static_cast<Size>(raw.columns) + 1));
    for (uint64 r = 0; r < raw.count; r++)
      for (int c = 0; c < raw.columns; c++)
        raw.values[r * static_cast<uint64>(raw.columns) + static_cast<uint64>(c)] =
            SPI_getvalue(SPI_tuptable->vals[r], SPI_tuptable->tupdesc, c + 1);
    MemoryContextSwitchTo(spi);
  }
  return raw;
}

rows converted(const raw_rows& raw) {
  rows result;
  result.reserve(raw.count);
  for (uint64 r = 0; r < raw.count; r++) {
    std::vector<std::optional<std::string>> values;
    values.reserve(static_cast<std::size_t>(raw.columns));
    for (int c = 0; c < raw.columns; c++) {
      const char* text = raw.values[r * static_cast<uint64>(raw.columns) + static_cast<uint64>(c)];
      values.push_back(text ? std::optional<std::string>(text) : std::nullopt);
    }
    result.emplace_back(std::move(values));
  }
  return result;
}

// Which rows a statement sees: as usual; the latest, whatever the transaction's snapshot; what the active snapshot sees.
enum class sight { usual, latest, active };

raw_rows run(const char* sql, const raw_params& params, MemoryContext context, sight seen = sight::usual) {
  return pg([&] {
    bool pushed = seen == sight::latest || !ActiveSnapshotSet();
    if (pushed) PushActiveSnapshot(seen == sight::latest ? GetLatestSnapshot() : GetTransactionSnapshot());
    SPI_connect();
    // A read-only execution keeps the snapshot that is active.
    bool keep = seen != sight::usual;
    int code = params.count == 0 ? SPI_execute(sql, keep, 0)
                                 : SPI_execute_with_args(sql, params.count, const_cast<Oid*>(params.types),
                                                         const_cast<Datum*>(params.values), params.nulls, keep, 0);
    raw_rows raw = copy_result(code, context);
    SPI_finish();
    if (pushed) PopActiveSnapshot();
    return raw;
  });
}

}  // namespace

std::vector<std::string> row::texts(std::size_t column) const {
  return is_null(column) ? std::vector<std::string>{} : parse_array(text(column));
}

rows query(std::string_view sql, std::span<const param> params) {
  memory_scope scope("accord query");
  raw_params raw;
  fill(raw, params);
  std::string text(sql);
  return converted(run(text.c_str(), raw, scope.context()));
}

rows query_in_snapshot(std::string_view sql) {
  memory_scope scope("accord query");
  raw_params raw;
  std::string text(sql);
  return converted(run(text.c_str(), raw, scope.context(), sight::active));
}

rows query(std::string_view sql, std::initializer_list<param> params) {
  return query(sql, std::span<const param>(params.begin(), params.size()));
}

rows query_latest(std::string_view sql, std::initializer_list<param> params) {
  memory_scope scope("accord query");
  raw_params raw;
  fill(raw, std::span<const param>(params.begin(), params.size()));
  std::string text(sql);
  return converted(run(text.c_str(), raw, scope.context(), sight::latest));
}

std::int64_t execute(std::string_view sql, std::initializer_list<param> params) {
  memory_scope scope("accord execute");
  raw_params raw;
  fill(raw, std::span<const param>(params.begin(), params.size()));
  std::string text(sql);
  return static_cast<std::int64_t>(run(text.c_str(), raw, scope.context()).processed);
}

rows prepared::run(std::initializer_list<param> params) {
  memory_scope scope("accord prepared query");
  raw_params raw;
  fill(raw, std::span<const param>(params.begin(), params.size()));
  raw_rows result = pg([&] {
    bool pushed = !ActiveSnapshotSet();
    if (pushed) PushActiveSnapshot(GetTransactionSnapshot());
    SPI_connect();
    if (!plan) {
      SPIPlanPtr fresh = SPI_prepare(sql, raw.count, raw.types);
      if (!fresh) elog(ERROR, "internal statement failed: %s", SPI_result_code_string(SPI_result));
      SPI_keepplan(fresh);
      plan = fresh;
    }
    raw_rows rows = copy_result(SPI_execute_plan(plan, raw.values, raw.nulls, false, 0), scope.context());
    SPI_finish();
    if (pushed) PopActiveSnapshot();
    return rows;
  });
  return converted(result);
}

std::string array_literal(const std::vector<std::string>& values) {
  std::string literal = "{";
  for (const auto& value : values) {
    if (literal.size() > 1) literal += ',';
    literal += '"';
    for (char c : value) {
      if (c == '"' || c == '\\') literal += '\\';
      literal += c;
    }
    literal += '"';
  }
  return literal + "}";
}

std::string set_literal(const std::set<std::string>& set) {
  return array_literal({set.begin(), set.end()});
}

std::vector<std::string> parse_array(std::string_view literal) {
  std::vector<std::string> values;
  std::string current;
  bool quoted = false, any = false;
  for (std::size_t i = 1; i + 1 < literal.size(); i++) {
    char c = literal[i];
    if (c == '\\' && i + 2 < literal.size()) {
      current += literal[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      values.push_back(std::move(current));
      current.clear();
      continue;
    } else {
      current += c;
    }
    any = true;
  }
  if (any || !values.empty()) values.push_back(std::move(current));
  return values;
}

namespace {

void report(int level, const std::string& message, const std::string& detail, const std::string& hint) {
  const char *m = message.c_str(), *d = detail.c_str(), *h = hint.c_str();
  pg([&] { ereport(level, (errmsg_internal("%s", m), *d ? errdetail_internal("%s", d) : 0, *h ? errhint("%s", h) : 0)); });
}

}  // namespace

void notice(const std::string& message, const std::string& detail, const std::string& hint) {
  report(NOTICE, message, detail, hint);
}

void warning(const std::string& message, const std::string& detail, const std::string& hint) {
  report(WARNING, message, detail, hint);
}

}  // namespace accord::spi

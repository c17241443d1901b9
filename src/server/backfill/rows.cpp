// See rows.hpp.
#include "server/backfill/rows.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/name.hpp"
#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "server/backfill/job.hpp"
#include "server/migration/facts.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

struct found {
  Oid heap;
  row_place place;
};

struct found_list {
  found* rows = nullptr;
  std::size_t count = 0, room = 0;
};

void append(found_list& list, MemoryContext context, Oid heap, ItemPointer tid) {
  if (list.count == list.room) {
    list.room = list.room ? list.room * 2 : 1024;
    Size bytes = list.room * sizeof(found);
    list.rows = static_cast<found*>(list.rows ? repalloc_huge(list.rows, bytes) : MemoryContextAllocHuge(context, bytes));
  }
  list.rows[list.count++] = {heap, {ItemPointerGetBlockNumber(tid), ItemPointerGetOffsetNumber(tid)}};
}

// A condition is one expression: what closes our parenthesis and goes on with something else is none.
void require_expression(const std::string& condition) {
  const char* text = condition.c_str();
  bool expression = pg([&] {
    List* parsed = raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
    auto* select = reinterpret_cast<SelectStmt*>(linitial_node(RawStmt, parsed)->stmt);
    return list_length(parsed) == 1 && IsA(select, SelectStmt) && select->op == SETOP_NONE && list_length(select->targetList) == 1 &&
           !select->fromClause && !select->whereClause && !select->groupClause && !select->havingClause && !select->sortClause &&
           !select->limitCount && !select->limitOffset && !select->intoClause && !select->withClause && !select->distinctClause &&
           !select->windowClause && !select->lockingClause;
  });
  if (!expression)
    throw failure(core::sqlstate::syntax_error, "only_rows is not one condition", condition,
                  "Write what would follow WHERE, such as id < 1000.");
}

}  // namespace

std::map<Oid, found_rows> find_pending_rows(Oid relation, const std::string& marker, const std::string& condition) {
  require_expression(condition);
  memory_scope memory("accord pending rows");
  auto name = spi::query("SELECT $1::oid::regclass::text", {relation}).front().text(0);
  std::string sql = fmt::format("SELECT tableoid, ctid FROM {} WHERE {} AND ({}\n)", name, core::quote_identifier(marker), condition);
  const char* text = sql.c_str();
  Oid owner = owner_oid(relation);
  found_list list;
  {
    local_settings settings;
    settings.set("row_security", "off");
    as_user identity(owner, true);
    pg([&] {
      PushActiveSnapshot(GetTransactionSnapshot());
      SPI_connect();
      SPIPlanPtr plan = SPI_prepare(text, 0, nullptr);
      if (!plan) elog(ERROR, "internal statement failed: %s", SPI_result_code_string(SPI_result));
      Portal portal = SPI_cursor_open(nullptr, plan, nullptr, nullptr, true);
      for (;;) {
        SPI_cursor_fetch(portal, true, 10'000);
        if (SPI_processed == 0) break;
        for (uint64 i = 0; i < SPI_processed; i++) {
          bool null;
          HeapTuple row = SPI_tuptable->vals[i];
          Oid heap = DatumGetObjectId(SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &null));
          append(list, memory.context(), heap,
                 reinterpret_cast<ItemPointer>(DatumGetPointer(SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &null))));
        }
        SPI_freetuptable(SPI_tuptable);
      }
      SPI_cursor_close(portal);
      SPI_finish();
      PopActiveSnapshot();
    });
  }
  std::map<Oid, found_rows> by_heap;
  for (std::size_t i = 0; i < list.count; i++)
    by_heap[list.rows[i].heap].places.push_back(list.rows[i].place);
  for (auto& [heap, rows] : by_heap) {
    rows.storage = storage_of(heap);  // still locked by the query
    std::sort(rows.places.begin(), rows.places.end(),
              [](const row_place& a, const row_place& b) { return a.block != b.block ? a.block < b.block : a.offset < b.offset; });
  }
  return by_heap;
}

std::string key_at(Oid heap, row_place place) {
  std::string key;
  reported_error ignored;
  subtransaction(
      [&] {
        pinned_search_path path;
        auto columns = spi::query(
            "SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.position), $1::oid::regclass"
            "  FROM pg_catalog.pg_index i CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY k(number, position)"
            "  JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number"
            " WHERE i.indrelid = $1::oid AND i.indisprimary AND k.position <= i.indnkeyatts",
            {heap});
        if (columns.front().is_null(0)) return;
        const std::string& list = columns.front().text(0);
        auto rows = spi::query(fmt::format("SELECT concat_ws(', ', {}) FROM {} WHERE ctid = $1::tid", list, columns.front().text(1)),
                               {fmt::format("({},{})", place.block, place.offset)});
        if (!rows.empty()) key = fmt::format("({}) = ({})", list, rows.front().text(0));
      },
      ignored);
  return key;
}

}  // namespace accord::migration

// Who is subscribed on which terms.  See contract.hpp.
//
// A refusal waits for this, and a table can have a thousand consumers: so rows are compared as they are stored, and each terms are read once.
#include <algorithm>
#include <map>
#include <tuple>

#include "pg/scope.hpp"
#include "server/registry/contract.hpp"
#include "server/registry/index_rows.hpp"

#include "pg/pg.h"

namespace accord::registry {

namespace {

// Positions of the columns (control/parts/20_tables.sql).
enum {
  subscription_consumer = 1,
  subscription_contract,
  subscription_major,
  subscription_columns,
  subscription_access,
  subscription_strictness
};
enum { consumer_id = 1, consumer_name, consumer_role };

// A value as it is stored, which need not be read to be compared; no data where it is NULL.
std::string_view stored_at(HeapTuple tuple, int column, TupleDesc descriptor) {
  bool null;
  Datum value = heap_getattr(tuple, column, descriptor, &null);
  return null ? std::string_view() : std::string_view(DatumGetPointer(value), VARSIZE_ANY(DatumGetPointer(value)));
}

const char* name_in(HeapTuple tuple, int column, TupleDesc descriptor) {
  bool null;
  Datum value = heap_getattr(tuple, column, descriptor, &null);
  return null ? "" : NameStr(*DatumGetName(value));
}

struct raw_subscription {
  std::int64_t consumer;
  int major;
  std::string_view columns, access, strictness;
};

struct raw_consumer {
  std::int64_t id;
  const char *name, *role;
};

// The rest inside pg(), as each_row().
List* rows_of(std::int64_t contract) {
  List* rows = NIL;
  each_row("subscription", "subscription_contract", {{subscription_contract, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(contract)}},
           [&](HeapTuple tuple, TupleDesc descriptor) {
             HeapTuple row = heap_copytuple(tuple);
             bool null;
             auto* raw = static_cast<raw_subscription*>(palloc(sizeof(raw_subscription)));
             *raw = {DatumGetInt64(heap_getattr(row, subscription_consumer, descriptor, &null)),
                     DatumGetInt32(heap_getattr(row, subscription_major, descriptor, &null)),
                     stored_at(row, subscription_columns, descriptor), stored_at(row, subscription_access, descriptor),
                     stored_at(row, subscription_strictness, descriptor)};
             rows = lappend(rows, raw);
             return true;
           });
  return rows;
}

List* consumers_between(std::int64_t first, std::int64_t last) {
  List* rows = NIL;
  each_row("consumer", "consumer_pkey",
           {{consumer_id, BTGreaterEqualStrategyNumber, F_INT8GE, Int64GetDatum(first)},
            {consumer_id, BTLessEqualStrategyNumber, F_INT8LE, Int64GetDatum(last)}},
           [&](HeapTuple tuple, TupleDesc descriptor) {
             HeapTuple row = heap_copytuple(tuple);
             bool null;
             auto* raw = static_cast<raw_consumer*>(palloc(sizeof(raw_consumer)));
             *raw = {DatumGetInt64(heap_getattr(row, consumer_id, descriptor, &null)), name_in(row, consumer_name, descriptor),
                     name_in(row, consumer_role, descriptor)};
             rows = lappend(rows, raw);
             return true;
           });
  return rows;
}

// Terms as text.
struct raw_terms {
  Datum* columns;
  int count;
  const char *access, *strictness;
};

raw_terms read(const raw_subscription& s) {
  raw_terms terms{nullptr, 0, TextDatumGetCString(PointerGetDatum(s.access.data())),
                  TextDatumGetCString(PointerGetDatum(s.strictness.data()))};
  if (s.columns.data())
    deconstruct_array(DatumGetArrayTypeP(PointerGetDatum(s.columns.data())), NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR, &terms.columns,
                      nullptr, &terms.count);
  return terms;
}

core::subscription on_terms_of(const raw_subscription& raw, const char* role) {
  raw_terms terms = pg([&] { return read(raw); });
  core::subscription s;
  s.major = raw.major;
  if (raw.columns.data()) {
    s.columns.emplace();
    for (int i = 0; i < terms.count; i++)
      s.columns->emplace_back(NameStr(*DatumGetName(terms.columns[i])));
  }
  s.access = core::parse_access(terms.access);
  s.strictness = core::parse_strictness(terms.strictness);
  s.role = role;
  return s;
}

// Consumers whose ids are near to each other are read in one go: rows between them cost less than another descent into the index.
constexpr std::int64_t near = 8;

std::int64_t consumer_of(const raw_subscription* s) {
  return s->consumer;
}

template <typename Raw>
std::vector<const Raw*> as_vector(const List* rows) {
  std::vector<const Raw*> result;
  for (int i = 0; i < list_length(rows); i++)
    result.push_back(static_cast<const Raw*>(list_nth(rows, i)));
  return result;
}

}  // namespace

std::vector<core::subscription> subscriptions(std::int64_t contract) {
  memory_scope scope("accord subscriptions");
  auto rows = as_vector<raw_subscription>(pg([&] { return rows_of(contract); }));
  std::ranges::sort(rows, {}, consumer_of);

  std::vector<core::subscription> result;
  std::map<std::tuple<int, bool, std::string_view, std::string_view, std::string_view, std::string_view>, std::size_t> known;
  for (auto first = rows.begin(); first != rows.end();) {
    auto last = std::adjacent_find(first, rows.end(), [](const auto* a, const auto* b) { return b->consumer - a->consumer > near; });
    if (last == rows.end()) --last;
    for (const auto* who : as_vector<raw_consumer>(pg([&] { return consumers_between((*first)->consumer, (*last)->consumer); })))
      for (const auto* s : std::ranges::equal_range(first, last + 1, who->id, {}, consumer_of)) {
        auto [place, is_new] =
            known.try_emplace({s->major, s->columns.data() == nullptr, s->columns, s->access, s->strictness, who->role}, result.size());
        if (is_new) result.push_back(on_terms_of(*s, who->role));
        result[place->second].consumers.emplace_back(who->name);
      }
    first = last + 1;
  }
  return result;
}

std::vector<std::string> subscribers(const std::vector<core::subscription>& all,
                                     const std::function<bool(const core::subscription&)>& which) {
  std::vector<std::string> names;
  for (const auto& s : all)
    if (which(s)) names.insert(names.end(), s.consumers.begin(), s.consumers.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace accord::registry

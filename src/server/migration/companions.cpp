// See companions.hpp.
#include "server/migration/companions.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "server/migration/facts.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

std::string detail_of(const plan::companion& c) {
  std::vector<std::string> targets;
  for (auto [column, target] : c.statistics) {
    targets.push_back(std::to_string(column));
    targets.push_back(std::to_string(target));
  }
  return catalog::query(
             "SELECT jsonb_strip_nulls(jsonb_build_object('unique', nullif($1::boolean, false), 'not_valid', nullif($2::boolean, false),"
             "   'deferrable', nullif($3::boolean, false), 'deferred', nullif($4::boolean, false), 'clustered', nullif($5::boolean, false),"
             "   'replica_identity', nullif($6::boolean, false), 'statistics', nullif($7::text[], '{}'), 'comment', $8::text,"
             "   'references', nullif($9::text, ''), 'late', nullif($10::boolean, false), 'texts', nullif($11::text[], "
             "'{\"\",\"\",\"\",\"\"}'), 'index_comment', $12::text,"
             "   'operators', nullif($13::text[], '{}'), 'of_partitioned', nullif($14::boolean, false), 'merged', nullif($15::boolean, "
             "false), "
             "   'index_columns', nullif($16::text, '')))",
             {c.unique, !c.validated, c.deferrable, c.deferred, c.clustered, c.replica_identity, spi::array_literal(targets), c.comment,
              c.references, c.late, spi::array_literal({c.texts.original, c.texts.widened, c.texts.completed, c.texts.purged}),
              c.index_comment, spi::array_literal(c.operators), c.of_partitioned, c.merged, c.index_columns})
      .front()
      .text(0);
}

// The table of an inbound key as it is called now: it may have been renamed since.
std::string table_with_key(Oid referenced, std::int64_t migration, const std::string& key, const std::string& last_known) {
  using kind = plan::companion_kind;
  auto rows = catalog::query(
      "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND confrelid = $1::oid AND conname = ANY ($2::name[])"
      " ORDER BY conrelid::regclass::text = $3 DESC LIMIT 1",
      {referenced,
       spi::array_literal(
           {key, plan::twin_name(migration, kind::inbound_key, key), plan::old_twin_name(migration, kind::inbound_key, key)}),
       last_known});
  return rows.empty() ? last_known : rows.front().text(0);
}

}  // namespace

void load_companions(plan::migration& m, Oid relation, bool is_child) {
  for (const auto& row : catalog::query(
           "SELECT role, kind, name, definition, coalesce((detail->>'unique')::boolean, false), NOT "
           "coalesce((detail->>'not_valid')::boolean, "
           "false), coalesce((detail->>'deferrable')::boolean, false), coalesce((detail->>'deferred')::boolean, false),"
           "       coalesce((detail->>'clustered')::boolean, false), coalesce((detail->>'replica_identity')::boolean, false),"
           "       ARRAY(SELECT jsonb_array_elements_text(detail->'statistics')), detail->>'comment', coalesce(detail->>'references', ''), "
           "coalesce((detail->>'late')::boolean, false), ARRAY(SELECT jsonb_array_elements_text(detail->'texts')),"
           "       detail->>'index_comment', ARRAY(SELECT jsonb_array_elements_text(detail->'operators')),"
           "       coalesce((detail->>'proven')::boolean, false), coalesce((detail->>'of_partitioned')::boolean, false),"
           "       coalesce((detail->>'merged')::boolean, false), coalesce(detail->>'index_columns', '')"
           "  FROM accord_catalog.migration_companion WHERE migration_id = $1::bigint AND contract_id = $2::bigint"
           "   AND relation IS NOT DISTINCT FROM nullif($3::oid, 0) ORDER BY ordinal",
           {m.id, m.contract, is_child ? relation : InvalidOid})) {
    plan::companion c;
    c.kind = plan::companion_kind_of(row.text(1));
    c.name = row.text(2);
    if (row.text(0) == "dropped") {
      m.dropped.push_back({c.kind, c.name});
      continue;
    }
    c.added = row.text(0) == "added";
    c.definition = row.text(3);
    c.unique = row.boolean(4);
    c.validated = row.boolean(5);
    c.deferrable = row.boolean(6);
    c.deferred = row.boolean(7);
    c.clustered = row.boolean(8);
    c.replica_identity = row.boolean(9);
    c.statistics = plan::statistics_of(row.texts(10));
    c.comment = row.optional(11);
    c.references = c.kind == plan::companion_kind::inbound_key ? table_with_key(relation, m.id, c.name, row.text(12)) : row.text(12);
    c.late = row.boolean(13);
    if (auto texts = row.texts(14); texts.size() == 4) c.texts = {texts[0], texts[1], texts[2], texts[3]};
    c.index_comment = row.optional(15);
    c.operators = row.texts(16);
    c.proven = row.boolean(17);
    c.of_partitioned = row.boolean(18);
    c.merged = row.boolean(19);
    c.index_columns = row.text(20);
    m.companions.push_back(std::move(c));
  }
}

void save_companions(const plan::migration& m, Oid child) {
  auto ordinal = catalog::query(
                     "SELECT coalesce(max(ordinal), 0) FROM accord_catalog.migration_companion"
                     " WHERE migration_id = $1::bigint AND contract_id = $2::bigint",
                     {m.id, m.contract})
                     .front()
                     .integer(0);
  auto save = [&](const char* role, plan::companion_kind kind, const std::string& name, const std::string& definition,
                  const std::string& detail) {
    catalog::execute(
        "INSERT INTO accord_catalog.migration_companion (migration_id, contract_id, ordinal, role, kind, name, definition, detail, "
        "relation)"
        " VALUES ($1::bigint, $2::bigint, $3::integer, $4, $5, $6::name, $7, $8::jsonb, nullif($9::oid, 0))",
        {m.id, m.contract, ++ordinal, role, plan::name_of(kind), name, definition, detail, child});
  };
  for (const auto& c : m.companions)
    save(c.added ? "added" : "twin", c.kind, c.name, c.definition, detail_of(c));
  for (const auto& d : m.dropped)
    save("dropped", d.kind, d.name, "", "{}");
}

std::vector<plan::owned_sequence> sequences_of(const plan::migration& m, Oid relation) {
  std::vector<plan::owned_sequence> ours;
  auto successions = m.successions();
  for (auto& sequence : owned_sequences(relation))
    if (std::any_of(successions.begin(), successions.end(), [&](const auto& pair) {
          return m.old_version().find(pair.first)->physical == sequence.column ||
                 m.new_version().find(pair.second)->physical == sequence.column;
        }))
      ours.push_back(std::move(sequence));
  return ours;
}

}  // namespace accord::migration

// pending: the table.  See pending.hpp; what is done with it at the end is in pending_judgement.cpp.
#include "server/guard/pending.hpp"

#include <fmt/format.h>

#include "server/guard/command_text.hpp"
#include "server/guard/judgement.hpp"
#include "server/guard/pending_row.hpp"
#include "server/guard/settings.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/detail.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::guard::pending {

namespace {

// The last transaction in which something was left here.
constinit TransactionId pending_in = InvalidTransactionId;

std::string number(int value) {
  return std::to_string(value);
}

std::string json_of(const std::vector<core::finding>& findings) {
  std::string text = "[";
  for (const auto& f : findings)
    text +=
        (text.size() > 1 ? "," : "") + registry::json_detail({{"rule", f.rule},
                                                              {"element", f.element},
                                                              {"column", f.columns.empty() ? std::nullopt : std::optional(f.columns[0])},
                                                              {"readers", number(static_cast<int>(f.readers))},
                                                              {"writers", number(static_cast<int>(f.writers))},
                                                              {"readers_at", number(static_cast<int>(f.readers_at))},
                                                              {"writers_at", number(static_cast<int>(f.writers_at))},
                                                              {"detail", f.detail}});
  return text + "]";
}

std::vector<core::finding> findings_of(const std::string& json) {
  std::vector<core::finding> findings;
  for (const auto& row : catalog::query("SELECT f->>'rule', f->>'element', f->>'column', f->>'readers', f->>'writers', f->>'readers_at',"
                                        "       f->>'writers_at', f->>'detail' FROM jsonb_array_elements($1::jsonb) f",
                                        {json})) {
    core::finding f;
    f.rule = row.text(0);
    f.element = row.text(1);
    if (!row.is_null(2)) f.columns = {row.text(2)};
    f.readers = static_cast<core::effect>(row.integer(3));
    f.writers = static_cast<core::effect>(row.integer(4));
    f.readers_at = static_cast<core::strictness>(row.integer(5));
    f.writers_at = static_cast<core::strictness>(row.integer(6));
    f.detail = row.text(7);
    findings.push_back(std::move(f));
  }
  return findings;
}

pending_row row_of(const spi::row& row) {
  pending_row r;
  r.contract = row.integer(0);
  r.relation.relation = row.oid(1);
  r.name = {row.text(2), row.text(3)};
  r.version = row.text(4);
  r.relation.before = core::parse_shape(row.text(5));
  auto numbers = row.texts(6), names = row.texts(7), types = row.texts(8), typmods = row.texts(9);
  for (std::size_t i = 0; i < numbers.size(); i++)
    r.relation.columns[std::stoi(numbers[i])] = {names[i], static_cast<Oid>(std::stoul(types[i])), std::stoi(typmods[i])};
  if (!row.is_null(10)) {
    auto oids = row.texts(10), children = row.texts(11), held = row.texts(12), retire = row.texts(13);
    r.relation.children.emplace();
    for (std::size_t i = 0; i < oids.size(); i++)
      (*r.relation.children)[static_cast<Oid>(std::stoul(oids[i]))] = {children[i], held[i] == "t" || held[i] == "true",
                                                                       retire[i] == "t" || retire[i] == "true"};
  }
  r.lost = findings_of(row.text(14));
  r.tag = row.text(15);
  r.statements = row.text(16);
  r.role = row.text(17);
  return r;
}

void save(const pending_row& r) {
  std::vector<std::string> numbers, names, types, typmods, oids, children, held, retire;
  for (const auto& [n, c] : r.relation.columns) {
    numbers.push_back(number(n));
    names.push_back(c.name);
    types.push_back(std::to_string(c.type));
    typmods.push_back(number(c.typmod));
  }
  std::optional<std::string> child_oids, child_names, child_rows, child_retires;
  if (r.relation.children) {
    for (const auto& [oid, c] : *r.relation.children) {
      oids.push_back(std::to_string(oid));
      children.push_back(c.name);
      held.emplace_back(c.dropped_with ? "true" : "false");
      retire.emplace_back(c.retires ? "true" : "false");
    }
    child_oids = spi::array_literal(oids);
    child_names = spi::array_literal(children);
    child_rows = spi::array_literal(held);
    child_retires = spi::array_literal(retire);
  }
  catalog::execute(
      "INSERT INTO accord_catalog.pending_judgement"
      " VALUES (pg_current_xact_id(), $1::bigint, $2::oid, $3::name, $4::name, $5, $6::jsonb, $7::integer[], $8::name[], $9::oid[],"
      "         $10::integer[], $11::oid[], $12::text[], $13::boolean[], $14::boolean[], $15::jsonb, $16, $17, $18::name)"
      " ON CONFLICT (transaction, contract_id) DO UPDATE SET child_oids = excluded.child_oids, child_names = excluded.child_names,"
      "    child_rows = excluded.child_rows, child_retires = excluded.child_retires, lost = excluded.lost, tag = excluded.tag,"
      "    statements = excluded.statements, role = excluded.role",
      {r.contract, r.relation.relation, r.name.schema, r.name.name, r.version, core::to_json(r.relation.before),
       spi::array_literal(numbers), spi::array_literal(names), spi::array_literal(types), spi::array_literal(typmods), child_oids,
       child_names, child_rows, child_retires, json_of(r.lost), r.tag, r.statements, r.role});
}

constexpr const char* columns =
    "contract_id, relation, schema_name, table_name, version, before, column_numbers, column_names, column_types, column_typmods,"
    " child_oids, child_names, child_rows, child_retires, lost, tag, statements, role";

}  // namespace

std::vector<pending_row> take_all() {
  std::vector<pending_row> all;
  for (const auto& row : catalog::query(fmt::format(
           "SELECT {} FROM accord_catalog.pending_judgement WHERE transaction = pg_current_xact_id() ORDER BY contract_id", columns)))
    all.push_back(row_of(row));
  if (!all.empty()) catalog::execute("DELETE FROM accord_catalog.pending_judgement WHERE transaction = pg_current_xact_id()");
  return all;
}

bool applies_to(Node* tree) {
  TransactionId now = GetTopTransactionIdIfAny();
  if (TransactionIdIsValid(now) && now == pending_in) return true;
  return judges_at_commit() && !is_transaction_by_itself(tree);
}

void add(const promise& p, const watched& w, const frame& f, const core::qualified_name* last) {
  auto rows = catalog::query(fmt::format("SELECT {} FROM accord_catalog.pending_judgement"
                                         " WHERE transaction = pg_current_xact_id() AND contract_id = $1::bigint",
                                         columns),
                             {p.contract.id});
  pending_row r;
  std::string statement = f.text.empty() ? f.tag : f.text;
  if (rows.empty()) {
    r.contract = p.contract.id;
    r.relation = w;
    r.name = last ? *last : w.before.relation;
    r.version = p.version.version.text();
    r.tag = f.tag;
    r.statements = statement;
  } else {
    r = row_of(rows.front());
    r.statements += ";\n" + statement;
    if (!r.relation.children) r.relation.children = w.children;
    // One that is dropped now and was empty takes no rows along, whatever was thought of it before; nor does one that is made now.
    else if (w.children)
      for (const auto& [oid, c] : *w.children)
        if (!c.dropped_with) r.relation.children->insert({oid, c}).first->second.dropped_with = false;
    if (last || breaks(p, seen(p, w))) r.tag = f.tag;
  }
  if (auto lost = f.lost.find(w.relation); lost != f.lost.end()) r.lost.insert(r.lost.end(), lost->second.begin(), lost->second.end());
  r.role = rights::current_role();
  pending_in = GetTopTransactionId();
  save(r);
}

}  // namespace accord::guard::pending

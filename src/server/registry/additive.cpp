// Compatible DDL publishes the next version by itself.  See publish.hpp.
#include <algorithm>

#include "change/change.hpp"
#include "rule/rule.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/detail.hpp"
#include "server/registry/lifecycle.hpp"
#include "server/registry/present.hpp"
#include "server/registry/publish.hpp"

#include "pg/pg.h"

namespace accord::registry {

namespace {

// Only what the shape gained is published: in a restore, where constraints and rights come back one after the other, nothing is.
bool has_gained(const core::shape& before, const core::shape& after) {
  auto lost = [](const change::any_change& c) {
    // A partitioned table's key is not valid before each partition has got its part.
    if (const auto* k = std::get_if<change::constraint_changed>(&c); k && k->from.validated && !k->to.validated) return true;
    auto id = change::id(c);
    if (const auto* p = std::get_if<change::partitioning_changed>(&c); p && p->from_key == p->to_key && p->from_of == p->to_of) return true;
    return id.ends_with("-dropped") || id.ends_with("-revoked");
  };
  auto changes = change::diff(before, after);
  return !std::all_of(changes.begin(), changes.end(), lost);
}

}  // namespace

std::optional<core::semantic_version> publish_minor_if_additive(const contract& c, const std::string& statement) {
  if (!OidIsValid(c.relation)) return std::nullopt;
  auto base = base_version(c.id);
  if (!base) return std::nullopt;
  auto present = present_shape(c, base->shape);
  auto fingerprint = core::fingerprint(present);
  if (base->fingerprint == fingerprint) return std::nullopt;

  // Nearly every statement ends above.  From here on one at a time, and again with what a concurrent transaction may have published.
  lock_contract(c.id);
  base = base_version(c.id);
  std::string statements = statement;
  auto own = own_version(c.id);
  if (own) {
    auto rows = catalog::query(
        "SELECT statement FROM accord_catalog.contract_version"
        " WHERE contract_id = $1::bigint AND major = $2::integer AND minor = $3::integer AND patch = $4::integer",
        {c.id, own->major, own->minor, own->patch});
    statements = rows.front().text(0) + ";\n" + statement;
    delete_version(c.id, *own);
    base = base_version(c.id);
  }
  auto step = base && base->fingerprint != fingerprint ? rule::required_bump(base->shape, present) : core::bump::none;
  if (step == core::bump::none || step == core::bump::major || !has_gained(base->shape, present)) {
    if (own)
      catalog::audit(
          {"withdraw_version", c.id, 0, json_detail({{"contract", c.name.display()}, {"version", own->text()}, {"statement", statement}})});
    return std::nullopt;
  }

  auto next = next_free_version(c.id, base->version, step);
  insert_version(c, {next, "active", std::nullopt, statements}, present, &base->shape);
  catalog::audit(
      {"publish_version", c.id, 0, json_detail({{"contract", c.name.display()}, {"version", next.text()}, {"statement", statement}})});
  return next;
}

}  // namespace accord::registry

// publication.  See publication.hpp.
#include "server/guard/publication.hpp"

#include "server/consumers/surroundings.hpp"
#include "server/guard/waiver.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/detail.hpp"
#include "server/registry/lifecycle.hpp"
#include "server/registry/publish.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

std::string cause(const verdict& v) {
  switch (v.what) {
    case outcome::unused:
      return "breaking change that affects no registered consumer";
    case outcome::waived:
      return "breaking change under a waiver";
    case outcome::warned:
      return "breaking change while the guard only warns";
    default:
      return "breaking change while the guard is off";
  }
}

void retire_promised(const promise& p) {
  catalog::execute(
      "UPDATE accord_catalog.contract_version SET status = 'retired', retired_at = now()"
      " WHERE contract_id = $1::bigint AND major = $2::integer AND status IN ('active', 'deprecated')",
      {p.contract.id, p.version.version.major});
}

// Those whom the change does not hit go on as before, on the only version that there is now.
void carry_along(const promise& p, const verdict& v, int major) {
  catalog::execute(
      "UPDATE accord_catalog.subscription s SET major = $3::integer FROM accord_catalog.consumer c"
      " WHERE s.contract_id = $1::bigint AND s.major = $2::integer AND c.id = s.consumer_id AND c.name <> ALL ($4::name[])"
      "   AND NOT EXISTS (SELECT FROM accord_catalog.subscription o"
      "                    WHERE o.consumer_id = s.consumer_id AND o.contract_id = s.contract_id AND o.major = $3::integer)",
      {p.contract.id, p.version.version.major, major, spi::array_literal(v.affected)});
}

void audit(const promise& p, const verdict& v, const std::string& statement) {
  std::string rules;
  for (const auto& f : v.broken)
    rules += (rules.empty() ? "" : ", ") + f.rule;
  std::string consumers;
  for (const auto& name : v.affected)
    consumers += (consumers.empty() ? "" : ", ") + name;
  catalog::audit({"break contract", p.contract.id, 0,
                  registry::json_detail({{"version", p.version.version.text()},
                                         {"cause", cause(v)},
                                         {"rules", rules},
                                         {"consumers", consumers},
                                         {"statement", statement}})});
}

}  // namespace

void publish_breaking(const promise& p, const verdict& v, const core::shape& now, const std::string& statement) {
  registry::lock_contract(p.contract.id);
  if (!v.waivers.empty()) use_waivers(p.contract, v.waivers, statement);
  audit(p, v, statement);
  // The next major version is the one that a live migration makes: what passes beside it (rights, triggers, partitions) is noted in the line of its own.
  const bool migrates = !registry::live_migrations(p.contract.id).empty();
  auto latest = migrates ? p.version.version : registry::versions(p.contract.id).front().version;
  auto own = registry::own_version(p.contract.id);
  if (migrates) {
    latest = registry::next_free_version(p.contract.id, latest, core::bump::minor);
  } else if (own && *own == latest) {
    // Published by an earlier statement of this transaction: nobody has seen it, so it takes the new shape instead of becoming history.
    registry::delete_version(p.contract.id, *own);
    if (own->major == p.version.version.major) latest = latest.next(core::bump::major);
  } else {
    latest = latest.next(core::bump::major);
  }
  if (latest.major != p.version.version.major) {
    retire_promised(p);
    carry_along(p, v, latest.major);
  }
  registry::insert_version(p.contract, {latest, "active", cause(v), statement}, now, &p.version.shape);
  consumers::remember_if_known(p.contract.id);  // a right may have gone with it
}

void record_break(const promise& p, const verdict& v, const std::string& statement) {
  if (!v.waivers.empty()) use_waivers(p.contract, v.waivers, statement);
  audit(p, v, statement);
}

void record_drop(const promise& p, const verdict& v, const core::qualified_name& last, const std::string& statement) {
  if (!v.broken.empty()) {
    registry::lock_contract(p.contract.id);
    if (!v.waivers.empty()) use_waivers(p.contract, v.waivers, statement);
    audit(p, v, statement);
    retire_promised(p);
    catalog::execute(
        "INSERT INTO accord_catalog.tombstone (contract_id, kind, name, dropped_in) VALUES ($1::bigint, 'relation', $2::name, $3)"
        " ON CONFLICT (contract_id, kind, name) DO NOTHING",
        {p.contract.id, last.name, p.version.version.text()});
  }
  registry::relation_dropped(p.contract.relation, last);
}

}  // namespace accord::guard

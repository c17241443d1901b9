// SQL functions on versions: publish, deprecate, retire, diff.
//
// The numbers follow from the shapes: what breaks a client written against the version before needs a new major version, what only adds a
// minor one, what only documents a patch.  A user may declare a larger step, never a smaller one.
#include <algorithm>
#include <fmt/format.h>
#include <span>

#include "change/change.hpp"
#include "pg/arguments.hpp"
#include "pg/result_rows.hpp"
#include "pg/scope.hpp"
#include "rule/rule.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/detail.hpp"
#include "server/registry/lifecycle.hpp"
#include "server/registry/present.hpp"
#include "server/registry/publish.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::registry {

namespace {

Oid require_relation(const contract& c) {
  if (OidIsValid(c.relation)) return c.relation;
  throw failure(core::sqlstate::object_not_in_prerequisite_state,
                fmt::format("table of contract \"{}\" does not exist any more", c.display()));
}

// What the steps between two shapes do, one after the other.
struct judged_change {
  change::any_change what;
  std::vector<core::finding> findings;
  core::bump step;
};

std::vector<judged_change> judged(const core::shape& before, const core::shape& after) {
  std::vector<judged_change> result;
  core::shape shape = before;
  for (auto& what : change::diff(before, after)) {
    auto next = change::applied(shape, std::span(&what, 1));
    auto findings = rule::judge(what, shape, next);
    auto step = rule::required_bump(shape, next);
    result.push_back({std::move(what), std::move(findings), step});
    shape = std::move(next);
  }
  return result;
}

// Full sentences on why a step of this size is needed: of each change that needs it, what it does.
std::string reasons(const std::vector<judged_change>& changes, core::bump step) {
  constexpr std::size_t enough = 5;
  std::string text;
  std::size_t count = 0;
  for (const auto& c : changes) {
    if (c.step < step) continue;
    if (count++ >= enough) continue;
    const core::finding* worst = nullptr;
    for (const auto& f : c.findings)
      if (!worst || std::max(f.readers, f.writers) > std::max(worst->readers, worst->writers)) worst = &f;
    text += "  " + (worst && !worst->detail.empty() ? worst->detail : fmt::format("Change: {}.", change::describe(c.what)));
  }
  if (count > enough) text += fmt::format("  There are {} more such changes.", count - enough);
  return text;
}

// "breaks", or "breaks at star" where it matters only to those who rely on more than the types.
std::string effect_text(core::effect what, core::strictness at) {
  std::string text(core::name_of(what));
  if (what != core::effect::none && at > core::strictness::typed) text += fmt::format(" at {}", core::name_of(at));
  return text;
}

// All versions that the text names, and that the user may change.
std::vector<contract_version> matching_versions(const contract& c, const std::string& text) {
  auto pattern = core::parse_version_pattern(text);
  get_version(c, text);  // the error for none
  auto all = versions(c.id);
  std::erase_if(all, [&](const contract_version& v) { return !pattern.matches(v.version); });
  return all;
}

void require_published(const contract& c, const contract_version& v, std::string_view action) {
  if (v.status != "draft" && v.status != "preparing") return;
  throw failure(core::sqlstate::object_not_in_prerequisite_state,
                fmt::format("cannot {} version {} of contract \"{}\"", action, v.version.text(), c.display()),
                fmt::format("It is {}.", v.status), "Only a published version can be deprecated or retired.");
}

void set_status(const contract& c, const contract_version& v, const char* assignments, const std::optional<std::string>& sunset = {}) {
  catalog::execute(fmt::format("UPDATE accord_catalog.contract_version SET {}, sunset = coalesce($5::timestamptz, sunset)"
                               " WHERE contract_id = $1::bigint AND major = $2::integer AND minor = $3::integer AND patch = $4::integer",
                               assignments),
                   {c.id, v.version.major, v.version.minor, v.version.patch, sunset});
}

}  // namespace

}  // namespace accord::registry

// publish_version(contract regclass, version text, reason text) RETURNS text
ACCORD_FUNCTION(accord_publish_version) {
  using namespace accord;
  using namespace accord::registry;
  arguments args(fcinfo);
  auto c = get_contract(args.oid(0, "contract"));
  rights::require_contract_owner(c.owner, c.display());
  auto relation = require_relation(c);
  std::optional<core::semantic_version> declared;
  if (auto text = args.optional_text(1)) declared = core::parse_version(*text);
  auto reason = args.optional_text(2);

  // Nobody changes the table until this is committed.  The table before the contract: DDL that publishes by itself locks in that order.
  pg([&] { LockRelationOid(relation, AccessShareLock); });
  lock_contract(c.id);
  auto base = base_version(c.id);
  auto present = base ? present_shape(c, base->shape) : capture_shape(relation);
  core::semantic_version next = declared.value_or(core::semantic_version{1, 0, 0});
  if (base) {
    const auto& latest = base->version;
    auto changes = judged(base->shape, present);
    auto step = rule::required_bump(base->shape, present);
    if (core::fingerprint(present) == base->fingerprint || step == core::bump::none) {
      if (declared && *declared != latest)
        throw failure(core::sqlstate::version_refused,
                      fmt::format("cannot publish version {} of contract \"{}\"", declared->text(), c.display()),
                      fmt::format("The table still has the shape of version {}.", latest.text()));
      spi::notice(fmt::format("contract \"{}\" still has the shape of version {}, nothing to publish", c.display(), latest.text()));
      return text_result(latest.text());
    }
    auto all = versions(c.id);
    auto needed = next_free_version(c.id, latest, step);
    next = declared.value_or(needed);
    auto because = reasons(changes, step);
    if (core::step_between(latest, next) == core::bump::none)
      throw failure(core::sqlstate::version_refused, fmt::format("cannot publish version {} of contract \"{}\"", next.text(), c.display()),
                    next == latest
                        ? fmt::format("Version {} is published and cannot be changed, and the shape of the table is another now.{}",
                                      latest.text(), because)
                        : fmt::format("It is not later than version {}, the latest one.", latest.text()),
                    fmt::format("Publish version {}, or leave \"version\" out.", needed.text()));
    if (core::step_between(latest, next) < step)
      throw failure(core::sqlstate::version_refused,
                    fmt::format("version {} of contract \"{}\" is too small a step from {}", next.text(), c.display(), latest.text()),
                    fmt::format("The change needs a new {} version.{}", core::name_of(step), because),
                    fmt::format("Publish version {}, or leave \"version\" out.", needed.text()));
    if (std::any_of(all.begin(), all.end(), [&](const auto& v) { return v.version == next; }))
      throw failure(core::sqlstate::version_refused, fmt::format("version {} of contract \"{}\" exists already", next.text(), c.display()),
                    {}, fmt::format("Publish version {}, or leave \"version\" out.", needed.text()));
    if (next.major != latest.major) {
      require_no_live_migration(c.id, fmt::format("publish version {} of contract \"{}\"", next.text(), c.display()));
      auto behind = subscribers(subscriptions(c.id), [&](const auto& s) { return s.major < next.major; });
      if (step == core::bump::major && !behind.empty())
        spi::warning(fmt::format("consumers are subscribed to versions of contract \"{}\" that the table does not keep", c.display()),
                     consumers_affected(c, behind));
    }
  }
  insert_version(c, {next, "active", reason, std::nullopt}, present, base ? &base->shape : nullptr);
  relation_renamed(relation);
  catalog::audit({"publish_version", c.id, 0, json_detail({{"contract", c.name.display()}, {"version", next.text()}, {"reason", reason}})});
  return text_result(next.text());
}

// deprecate_version(contract regclass, version text, sunset timestamptz, reason text) RETURNS void
ACCORD_FUNCTION(accord_deprecate_version) {
  using namespace accord;
  using namespace accord::registry;
  arguments args(fcinfo);
  auto c = get_contract(args.oid(0, "contract"));
  rights::require_contract_owner(c.owner, c.display());
  auto text = args.text(1, "version");
  std::optional<std::string> sunset;
  if (!args.is_null(2)) {
    local_settings settings;  // the same text for everybody, in the audit too
    settings.set("datestyle", "ISO, YMD").set("timezone", "UTC");
    sunset = pg([&] { return OidOutputFunctionCall(F_TIMESTAMPTZ_OUT, fcinfo->args[2].value); });
  }
  lock_contract(c.id);
  auto matching = matching_versions(c, text);
  for (const auto& v : matching) {
    require_published(c, v, "deprecate");
    if (v.status == "retired" && matching.size() == 1)
      throw failure(core::sqlstate::object_not_in_prerequisite_state,
                    fmt::format("version {} of contract \"{}\" is retired", v.version.text(), c.display()));
    if (v.status == "retired") continue;
    set_status(c, v, "status = 'deprecated', deprecated_at = coalesce(deprecated_at, now())", sunset);
  }
  catalog::audit({"deprecate_version", c.id, 0,
                  json_detail({{"contract", c.name.display()}, {"version", text}, {"sunset", sunset}, {"reason", args.optional_text(3)}})});
  return Datum(0);
}

// retire_version(contract regclass, version text) RETURNS void
ACCORD_FUNCTION(accord_retire_version) {
  using namespace accord;
  using namespace accord::registry;
  arguments args(fcinfo);
  auto c = get_contract(args.oid(0, "contract"));
  rights::require_contract_owner(c.owner, c.display());
  auto text = args.text(1, "version");
  lock_contract(c.id);
  auto retiring = matching_versions(c, text);
  for (const auto& v : retiring)
    require_published(c, v, "retire");
  auto all = promised_versions(c.id);
  auto retires = [&](const core::semantic_version& v) {
    return std::any_of(retiring.begin(), retiring.end(), [&](const auto& r) { return r.version == v; });
  };

  for (const auto& m : live_migrations(c.id))
    for (const auto& v : retiring)
      if (v.version.text() == m.from_version || v.version.text() == m.to_version)
        throw failure(
            core::sqlstate::version_in_use,
            fmt::format("cannot retire version {} of contract \"{}\" because migration {} is live", v.version.text(), c.display(), m.id),
            fmt::format("The migration from {} to {} is {}.", m.from_version, m.to_version, m.state));

  // A major version is in use while somebody is subscribed to it and no other version of it stays.
  auto users = subscribers(subscriptions(c.id), [&](const core::subscription& s) {
    bool loses = std::any_of(retiring.begin(), retiring.end(), [&](const auto& v) { return v.version.major == s.major; });
    bool keeps = std::any_of(all.begin(), all.end(), [&](const auto& v) { return v.version.major == s.major && !retires(v.version); });
    return loses && !keeps;
  });
  if (!users.empty())
    throw failure(core::sqlstate::version_in_use,
                  fmt::format("cannot retire version {} of contract \"{}\" because consumers are subscribed to it", text, c.display()),
                  consumers_affected(c, users), "Switch them to another version, or unsubscribe them.");
  for (const auto& v : retiring)
    set_status(c, v, "status = 'retired', retired_at = coalesce(retired_at, now())");
  catalog::audit({"retire_version", c.id, 0, json_detail({{"contract", c.name.display()}, {"version", text}})});
  return Datum(0);
}

// diff(contract regclass, from_version text, to_version text)
//   RETURNS TABLE (change text, element text, description text, rule text, readers text, writers text, bump text)
ACCORD_FUNCTION(accord_diff) {
  using namespace accord;
  using namespace accord::registry;
  arguments args(fcinfo);
  auto c = get_contract(args.oid(0, "contract"));
  std::optional<contract_version> from;
  if (auto text = args.optional_text(1))
    from = get_version(c, *text);
  else
    from = base_version(c.id);
  if (!from)
    throw failure(core::sqlstate::object_not_in_prerequisite_state, fmt::format("contract \"{}\" has no version yet", c.display()));
  core::shape after;
  if (auto text = args.optional_text(2)) {
    after = get_version(c, *text).shape;
  } else {
    require_relation(c);
    after = present_shape(c, base_version(c.id).value_or(*from).shape);
  }

  result_rows rows;
  for (const auto& one : judged(from->shape, after)) {
    std::vector<std::optional<std::string>> common{std::string(change::id(one.what)), change::element(one.what),
                                                   change::describe(one.what)};
    auto add = [&](const core::finding* f) {
      auto row = common;
      row.push_back(f ? std::optional(f->rule) : std::nullopt);
      row.push_back(f ? effect_text(f->readers, f->readers_at) : "none");
      row.push_back(f ? effect_text(f->writers, f->writers_at) : "none");
      row.push_back(std::string(core::name_of(one.step)));
      rows.add(std::move(row));
    };
    if (one.findings.empty()) add(nullptr);
    for (const auto& f : one.findings)
      add(&f);
  }
  return rows.finish(fcinfo);
}

// The words in which compatibility is judged: effects, strictness, levels, findings, subscriptions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace accord::core {

// What a change does to a client written against the old shape; ordered from harmless to worst.
enum class effect { none, data_dependent, silent, breaks };

// How much of the shape a client relies on; ordered from loosest to tightest (DESIGN section 5).
enum class strictness { data, text, typed, prepared, star, exact };

enum class access { read, write, read_write };

// What a contract promises to keep.
enum class level { none, readers, writers, clients, full };

struct contract_level {
  level base = level::clients;
  bool transitive = false;
};

// A judgement of one change: what it does to readers and writers who rely on the old shape.
struct finding {
  std::string rule;                  // id in the registry: "column-dropped"
  std::string element;               // for people: column "dep_delay"
  std::vector<std::string> columns;  // whom it can hit: users of one of these; empty: every client
  effect readers = effect::none, writers = effect::none;
  // The loosest strictness at which it matters; a client at this strictness or a tighter one is
  // hit.
  strictness readers_at = strictness::typed, writers_at = strictness::typed;
  std::string detail;                    // full sentence: Column "dep_delay" changes from integer to text, which
                                         // breaks readers and writers.
  std::vector<std::string> roles = {};   // whom it can hit: members of one of these; empty: every role
  std::vector<std::string> spared = {};  // but no member of one of these; "public" is everybody
  bool on_rollback = false;              // whom it hits are the clients of the new version, when the change is taken back

  bool operator==(const finding&) const = default;
};

struct subscription {
  std::vector<std::string> consumers;  // who subscribed on these terms
  int major = 1;
  std::optional<std::vector<std::string>> columns;  // nullopt: all
  core::access access = access::read_write;
  core::strictness strictness = strictness::typed;
  std::string role = {};  // of these consumers; empty: they have none
  // The roles whose rights it has, "public" among them, and where they apply the words below; not known: it may have any.
  std::optional<std::vector<std::string>> roles = {};
};

// Not names of roles: who owns the relation, whom row security passes by, who may do everything.
inline constexpr std::string_view role_owner = "=owner", role_bypass = "=bypass", role_superuser = "=superuser";

std::string_view name_of(effect);
std::string_view name_of(strictness);
std::string_view name_of(access);
std::string name_of(contract_level);

// Each throws failure 22023 naming the accepted words.
strictness parse_strictness(std::string_view);
access parse_access(std::string_view);
// Confluent's names too.  BACKWARD: the new shape takes what the old one's producers write, so writers go on.  FORWARD: what is written in the
// new shape can be read with the old one, so readers go on.  FULL is full.
contract_level parse_level(std::string_view);

}  // namespace accord::core

// refusal.  See refusal.hpp.
#include "rule/refusal.hpp"

#include <algorithm>

#include "core/name.hpp"
#include "rule/family.hpp"
#include "rule/stage_call.hpp"

namespace accord::rule {

namespace {

std::string joined(std::span<const std::string> parts) {
  std::string text;
  for (const auto& part : parts)
    text += (text.empty() ? "" : ", ") + part;
  return text;
}

bool drops_relation(const refused_change& r) {
  auto dropped = [](const change::any_change& c) { return std::holds_alternative<change::relation_dropped>(c); };
  return std::any_of(r.changes.begin(), r.changes.end(), dropped);
}

// What one rule says of readers and of writers of an element, in one sentence.
std::vector<core::finding> told_together(const std::vector<core::finding>& findings) {
  auto what = [](const core::finding& f) {
    std::string then = ", " + consequence(f.readers, f.writers) + ".";
    return f.detail.ends_with(then) ? f.detail.substr(0, f.detail.size() - then.size()) : std::string();
  };
  std::vector<core::finding> told;
  for (const auto& f : findings) {
    core::finding* last = told.empty() ? nullptr : &told.back();
    if (!last || last->rule != f.rule || last->element != f.element || what(f).empty() || what(*last) != what(f)) {
      told.push_back(f);
      continue;
    }
    std::string start = what(f);
    last->readers = std::max(last->readers, f.readers);
    last->writers = std::max(last->writers, f.writers);
    last->detail = start + ", " + consequence(last->readers, last->writers) + ".";
  }
  return told;
}

std::string detail_of(const refused_change& r) {
  std::string text;
  for (const auto& f : told_together(r.findings)) {
    std::string sentence = f.detail;
    if (sentence.ends_with('.')) sentence.pop_back();
    text += (text.empty() ? "" : "  ") + sentence + " (rule " + f.rule + ").";
  }
  // Nobody reads a thousand names; accord.impact() and accord.check() give all of them.
  constexpr std::size_t named = 20;
  const std::size_t unnamed = r.consumers.size() > named ? r.consumers.size() - named : 0;
  std::string names = joined(std::span(r.consumers).first(r.consumers.size() - unnamed));
  if (unnamed > 0) names += " and " + std::to_string(unnamed) + " more";
  if (r.hidden_consumers > 0) {
    std::string others = std::to_string(r.hidden_consumers) + (names.empty() ? "" : " more") + " whose names you are not permitted to see";
    names += (names.empty() ? "" : " and ") + others;
  }
  return text + (names.empty() ? "  No registered consumer is affected." : "  Consumers affected: " + names + ".");
}

// What a staged migration leaves alone: who may see which rows, where rows are, and constraints that it has no way to change.
bool stage_leaves_alone(std::span<const change::any_change> changes) {
  static constexpr std::string_view alone[] = {"constraint-", "policy-",       "privilege-",    "row-security-", "trigger-",
                                               "functions-",  "publications-", "partitioning-", "inheritance-",  "replica-identity-"};
  return std::any_of(changes.begin(), changes.end(), [](const auto& c) {
    return std::any_of(std::begin(alone), std::end(alone), [&](std::string_view kind) { return change::id(c).starts_with(kind); });
  });
}

std::string hint_of(const refused_change& r) {
  std::string text;
  std::string relation = core::quote_literal(r.relation.sql());
  if (!r.way.empty()) {
    if (r.under_way.empty()) text = r.way;
  } else if (drops_relation(r)) {
    text = "End the contract first: SELECT accord.drop_contract(" + relation + ");";
  } else if (auto call = stage_call(r.relation, *r.before, r.changes); !call.empty()) {
    text = "Stage it: " + call;
  } else if (!r.under_way.empty()) {
    text = "Carry it through as a staged migration with accord.stage().";
  } else {
    text = !can_be_staged(*r.before, r.changes) || stage_leaves_alone(r.changes)
               ? "Let it through once: SELECT accord.waive(" + relation + ", reason => '...');"
               : "Carry it through as a staged migration with accord.stage(), or let it through once with accord.waive().";
  }
  if (!r.under_way.empty())
    text += std::string(text.empty() ? "" : "  ") + "Until the migration to " + r.under_way +
            " is purged or rolled back, no setting and no waiver lets it through.";
  else if (r.consumers.empty() && r.hidden_consumers == 0)
    text += "  As no consumer is affected, SET accord.allow_unused = on lets it through as well.";
  return text;
}

}  // namespace

core::failure refusal(const refused_change& r) {
  return core::failure(core::sqlstate::contract_broken, r.tag + " would break contract \"" + r.contract + "\" " + r.version.text(),
                       detail_of(r), hint_of(r));
}

}  // namespace accord::rule

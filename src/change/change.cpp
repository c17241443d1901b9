// Walking over all kinds of change.
#include "change/change.hpp"

#include <iterator>
#include <optional>
#include <utility>

#include "change/parts.hpp"

namespace accord::change {
namespace {

template <class... Kinds>
std::vector<any_change> detect_all(const comparison& seen, const std::variant<Kinds...>*) {
  std::vector<any_change> found;
  const auto collect = [&](auto kinds) { std::move(kinds.begin(), kinds.end(), std::back_inserter(found)); };
  (collect(Kinds::detect(seen)), ...);
  return found;
}

}  // namespace

std::vector<any_change> diff(const core::shape& before, const core::shape& after, const renames& names) {
  if (before == after && names.empty()) return {};
  const comparison seen(before, after, names);
  if (auto gone = relation_dropped::detect(seen); !gone.empty()) return {gone.front()};
  return detect_all(seen, static_cast<const any_change*>(nullptr));
}

core::shape applied(core::shape shape, std::span<const any_change> changes) {
  // What follows each other is one step: on its way a name could be one that another column or table has.
  renames together;
  std::optional<core::qualified_name> relation;
  const auto flush = [&] {
    rename_columns(shape, together);
    together.clear();
    if (relation) retarget(shape, *std::exchange(relation, std::nullopt));
  };
  const auto named = [&]() -> core::qualified_name& { return relation ? *relation : relation.emplace(shape.relation); };
  for (const any_change& change : changes) {
    if (const auto* rename = std::get_if<column_renamed>(&change)) {
      together.emplace(rename->column, rename->to);
      continue;
    }
    if (const auto* move = std::get_if<relation_moved>(&change)) {
      named().schema = move->to.schema;
      continue;
    }
    if (const auto* rename = std::get_if<relation_renamed>(&change)) {
      named().name = rename->to.name;
      continue;
    }
    flush();
    std::visit([&](const auto& kind) { kind.apply(shape); }, change);
  }
  flush();
  return shape;
}

std::string_view id(const any_change& change) {
  return std::visit([](const auto& kind) { return kind.id; }, change);
}

std::string describe(const any_change& change) {
  return std::visit([](const auto& kind) { return kind.describe(); }, change);
}

std::string element(const any_change& change) {
  return std::visit([](const auto& kind) { return kind.element(); }, change);
}

}  // namespace accord::change

// How column_dropped reads, applies and is found.
#include "change/column_dropped.hpp"

#include "change/names_in_sql.hpp"
#include "change/parts.hpp"

namespace accord::change {

namespace {

// The columns in UPDATE OF and WHEN; those of a rule stand anywhere.
bool hangs_on(const core::trigger& trigger, const std::string& column) {
  const std::string& text = trigger.definition;
  if (text.starts_with("CREATE RULE")) return names_column(text, column);
  const auto between = [&](std::string_view from, std::string_view to) {
    const std::size_t start = text.find(from);
    return start == std::string::npos ? std::string() : text.substr(start, text.find(to, start) - start);
  };
  return names_column(between(" UPDATE OF ", " ON "), column) || names_column(between(" WHEN (", " EXECUTE "), column);
}

// What only CASCADE takes along.
void erase_dependents(core::shape& shape, const std::string& column) {
  std::vector<std::string> computed;
  for (const core::column& other : shape.columns)
    if (other.generated && names_column(*other.generated, column)) computed.push_back(other.name);
  for (const std::string& name : computed)
    erase_column(shape, name);
  std::erase_if(shape.policies, [&](const core::policy& policy) {
    return names_column(policy.using_expression, column) || names_column(policy.check_expression, column);
  });
  std::erase_if(shape.triggers, [&](const core::trigger& trigger) { return hangs_on(trigger, column); });
}

}  // namespace

std::string column_dropped::describe() const {
  return core::joined({"drop column \"", column, "\"", cascade ? " cascade" : ""});
}

std::string column_dropped::element() const {
  return column_element(column);
}

void column_dropped::apply(core::shape& shape) const {
  if (cascade) erase_dependents(shape, column);
  erase_column(shape, column);
}

std::vector<column_dropped> column_dropped::detect(const comparison& seen) {
  std::vector<column_dropped> found;
  for (const std::string& name : seen.dropped)
    found.push_back({name});
  return found;
}

}  // namespace accord::change

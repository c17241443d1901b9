// Arguments of a SQL-callable function as C++ values, with the errors users expect for NULL.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/bridge.hpp"

namespace accord {

class arguments {
 public:
  explicit arguments(FunctionCallInfo call) : call_(call) {}

  bool is_null(int i) const { return i >= call_->nargs || call_->args[i].isnull; }

  // Required: NULL raises 22004 naming the argument.
  Oid oid(int i, std::string_view name) const;           // regclass and other oid types
  std::string text(int i, std::string_view name) const;  // text
  std::string name(int i, std::string_view name) const;  // name
  bool boolean(int i, std::string_view name) const;
  int int4(int i, std::string_view name) const;

  std::optional<Oid> optional_oid(int i) const;
  std::optional<std::string> optional_text(int i) const;
  std::optional<std::string> optional_json(int i) const;  // jsonb, as text
  std::optional<std::string> optional_name(int i) const;
  std::optional<bool> optional_boolean(int i) const;
  std::optional<int> optional_int4(int i) const;
  std::optional<std::vector<std::string>> optional_names(int i) const;  // name[]; a NULL element raises 22004

 private:
  Datum datum(int i) const { return call_->args[i].value; }
  void require(int i, std::string_view name) const;
  FunctionCallInfo call_;
};

// Results.
Datum text_result(const std::string&);
Datum name_result(const std::string&);

}  // namespace accord

// result_rows: the rows that a set-returning SQL function gives back.
//
// Values are text and go through the input functions of the columns that the function declares, as all values between C++ and SQL do here.
// The function is declared RETURNS TABLE (…) or SETOF; it collects its rows and ends with `return rows.finish(fcinfo);`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pg/bridge.hpp"

namespace accord {

class result_rows {
 public:
  void add(std::vector<std::optional<std::string>> values) { rows_.push_back(std::move(values)); }
  bool empty() const { return rows_.empty(); }
  Datum finish(FunctionCallInfo) const;

 private:
  std::vector<std::vector<std::optional<std::string>>> rows_;
};

}  // namespace accord

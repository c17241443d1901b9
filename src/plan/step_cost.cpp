// See step_cost.hpp.
#include "plan/step_cost.hpp"

namespace accord::plan {

namespace {

constexpr double filled_per_second = 200e3, read_per_second = 150e6, indexed_per_second = 1e6;
constexpr std::int64_t index_entry = 24;  // with its share of pages that are not full

std::optional<double> seconds(const std::optional<std::int64_t>& rows, double rate) {
  if (!rows) return std::nullopt;
  return static_cast<double>(*rows) / rate;
}

template <typename T>
std::optional<T> sum(const std::optional<T>& a, const std::optional<T>& b) {
  return a && b ? std::optional(*a + *b) : std::nullopt;
}

}  // namespace

step_cost operator+(const step_cost& a, const step_cost& b) {
  return {sum(a.rows, b.rows), a.disk + b.disk, a.wal + b.wal, sum(a.seconds, b.seconds)};
}

step_cost cost_of_backfill(const table_size& t) {
  return {t.rows, t.heap + t.indexes, 3 * t.heap + 2 * t.indexes, seconds(t.rows, filled_per_second)};
}

step_cost cost_of_index(const table_size& t) {
  const std::int64_t bytes = t.rows ? *t.rows * index_entry : t.heap / 4;
  return {t.rows, bytes, bytes, seconds(t.rows, indexed_per_second)};
}

step_cost cost_of_proof(const table_size& t) {
  return {t.rows, 0, 0, static_cast<double>(t.heap) / read_per_second};
}

}  // namespace accord::plan

// clients.  See clients.hpp.
#include "clients.hpp"

#include <fmt/format.h>
#include <stdexcept>

namespace accord::truth {

namespace {

using core::strictness;
using oracle::column_set;
using oracle::probe;
using oracle::table;

column_set columns_named(const table& t, const std::string& list) {
  if (list == "*") return t.all;
  column_set set = 0;
  std::string name;
  for (char c : list + ',') {
    if (c != ',') {
      name += c;
      continue;
    }
    if (name != "-") {
      std::size_t at = 0;
      while (at < t.columns.size() && t.columns[at].name != name)
        at++;
      if (at == t.columns.size()) throw std::runtime_error("no column " + name);
      set |= column_set{1} << at;
    }
    name.clear();
  }
  return set;
}

void add_copies(const table& t, std::vector<probe>& probes) {
  for (const char* format : {"text", "binary"}) {
    for (std::size_t c = 0; c < t.columns.size(); c++) {
      probe p;
      p.sql = fmt::format("COPY t ({}) TO STDOUT (FORMAT {})", oracle::quoted(t.columns[c].name), format);
      p.copies_out = true;
      p.at = strictness::exact;
      p.uses = column_set{1} << c;
      probes.push_back(p);
    }
    probe p;
    p.sql = fmt::format("COPY t TO STDOUT (FORMAT {})", format);
    p.copies_out = true;
    p.at = strictness::exact;
    p.uses = t.all;
    p.whole = true;
    probes.push_back(p);
  }
}

// The first INSERT of the oracle with parameters whose types are fixed when it is prepared.
void add_parameters(const std::vector<probe>& known, std::vector<probe>& probes) {
  for (const probe& first : known) {
    const auto at = first.sql.find(" VALUES (");
    if (!first.writes || !first.prepare.empty() || !first.binary.empty() || !first.sql.starts_with("INSERT INTO t (") ||
        at == std::string::npos)
      continue;
    std::string places;
    int count = 0;
    for (std::size_t c = 0; c < 32; c++)
      if (first.uses >> c & 1) places += fmt::format("{}${}", count ? ", " : "", count + 1), count++;
    probe p = first;
    p.prepare = fmt::format("PREPARE with_parameters AS {} VALUES ({})", first.sql.substr(0, at), places);
    p.sql = "EXECUTE with_parameters" + first.sql.substr(at + 7);
    p.at = strictness::prepared;
    probes.push_back(p);
    return;
  }
}

}  // namespace

std::string kind_of(const probe& p) {
  const bool copy = p.sql.starts_with("COPY"), binary = p.sql.find("FORMAT binary") != std::string::npos;
  if (p.sql.find("/* own */") != std::string::npos || p.prepare.find("/* own */") != std::string::npos)
    return p.writes ? "own write" : "own read";
  if (!p.writes) {
    if (p.sql.find("shop.typed_") != std::string::npos || p.sql.find("shop.whole_rows") != std::string::npos) return "plpgsql";
    if (copy) return binary ? "copy to binary" : "copy to";
    if (!p.prepare.empty()) return p.whole ? "prepared star" : "prepared read";
    return p.whole ? "star" : "named read";
  }
  if (copy) return p.whole ? "whole copy" : binary ? "copy binary" : "copy";
  if (!p.prepare.empty()) return "prepared write";
  if (!p.binary.empty()) return "binary";
  if (p.sql.find("ON CONFLICT") != std::string::npos) return "upsert";
  if (p.sql.starts_with("UPDATE")) return "update";
  if (p.sql.starts_with("DELETE")) return "delete";
  if (p.sql.starts_with("TRUNCATE")) return "truncate";
  return p.whole ? "positional" : "insert";
}

std::vector<probe> added_probes(oracle::server& s, const table& t, const std::vector<probe>& known, const std::vector<client>& own) {
  std::vector<probe> probes;
  add_copies(t, probes);
  add_parameters(known, probes);
  int number = 0;
  for (const client& c : own) {
    probe p;
    p.sql = c.sql + " /* own */";
    p.writes = c.writes;
    p.at = core::parse_strictness(c.strictness);
    p.uses = columns_named(t, c.columns);
    p.whole = c.columns == "*";
    if (c.writes) {
      p.varied = p.uses;
      p.update = c.sql.starts_with("UPDATE");
      p.everything = c.sql.starts_with("DELETE");
    }
    if (c.prepared) {
      const std::string handle = fmt::format("own_{}", ++number);
      p.prepare = fmt::format("PREPARE {} AS {}", handle, p.sql);
      p.sql = "EXECUTE " + handle;
    }
    probes.push_back(p);
  }
  std::erase_if(probes, [&](const probe& p) {
    if (p.prepare.empty()) return false;
    auto replies = s.run("SAVEPOINT trial; " + p.prepare);
    if (!replies.back().ok()) s.must("ROLLBACK TO trial");
    return !replies.back().ok();
  });
  return probes;
}

std::vector<oracle::consumer> readers_and_writers(const table& t, oracle::dice&) {
  std::vector<oracle::consumer> result;
  for (bool reads : {true, false})
    for (auto at : {strictness::data, strictness::text, strictness::typed, strictness::prepared, strictness::star, strictness::exact})
      result.push_back({fmt::format("{}_{}", reads ? "reader" : "writer", core::name_of(at)), at, reads, t.all, true});
  column_set required = 0;
  for (std::size_t c = 0; c < t.columns.size(); c++)
    if (t.columns[c].not_null && !t.columns[c].filled && !t.columns[c].generated) required |= column_set{1} << c;
  for (std::size_t c = 0; c < t.columns.size(); c++) {
    const column_set self = column_set{1} << c;
    result.push_back({"reader_of_" + t.columns[c].name, strictness::prepared, true, self, false});
    result.push_back({"writer_of_" + t.columns[c].name, strictness::prepared, false, self | required, false});
  }
  return result;
}

}  // namespace accord::truth

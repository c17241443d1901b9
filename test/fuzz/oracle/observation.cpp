// observation.  See observation.hpp.
#include "observation.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace accord::oracle {

namespace {

using core::strictness;

std::vector<row> minus(std::vector<row> a, std::vector<row> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  std::vector<row> left;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(left));
  return left;
}

std::vector<std::string> cells(const std::vector<row>& rows, std::size_t column) {
  std::vector<std::string> result;
  for (const row& r : rows)
    result.push_back(column < r.size() ? r[column] : null_text);
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<row> sorted(std::vector<row> rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

// What is stored is looked at from another time zone than the one that it was written in: others may read it there.
const std::string elsewhere = "SET LOCAL timezone = 'Asia/Tokyo'";

outcome write(server& s, const probe& p, const reading& r, const std::string& role) {
  outcome o;
  if (!p.binary.empty()) {
    s.must("SAVEPOINT p");
    o.answer = s.run_binary(p.sql, p.binary, p.binary_nulls);
    if (o.answer.ok() && !r.sql.empty()) {
      s.must("RESET ROLE; " + elsewhere);
      reply stored = s.last(r.sql);
      if (!stored.ok()) {  // what was written cannot be cast back
        s.must("ROLLBACK TO p");
        s.run_binary(p.sql, p.binary, p.binary_nulls);
        s.must("RESET ROLE; " + elsewhere);
        stored = s.last(r.plain_sql);
      }
      if (stored.ok()) o.added = p.update ? stored.rows : minus(stored.rows, r.rows);
    }
    s.must("ROLLBACK TO p");
    s.must("SET LOCAL ROLE " + role);
    return o;
  }
  const std::string tail = r.sql.empty() ? "SELECT 1" : r.sql;
  auto all_of = [&](const std::string& read) {
    return fmt::format("SAVEPOINT p; {}; SET CONSTRAINTS ALL IMMEDIATE; RESET ROLE; {}; {}; ROLLBACK TO p", p.sql, elsewhere, read);
  };
  auto replies = s.run(all_of(tail), p.copy);
  if (replies.size() >= 6 && !replies[5].ok()) {  // what was written cannot be cast back
    s.must("ROLLBACK TO p");
    replies = s.run(all_of(r.plain_sql), p.copy);
  }
  if (!replies.back().ok()) {
    o.answer = replies.back();
    s.must("ROLLBACK TO p");
    return o;
  }
  o.answer = replies.at(1);
  if (!r.sql.empty()) {
    o.added = p.update ? replies.at(5).rows : minus(replies.at(5).rows, r.rows);
    o.removed = minus(r.rows, replies.at(5).rows).size();
  }
  return o;
}

}  // namespace

reading reading_of(server& s, const table& t) {
  reading r;
  auto at = s.must(fmt::format("SELECT oid::regclass FROM pg_class WHERE oid = {}", t.oid));
  if (at.empty()) return r;
  std::map<int, std::pair<std::string, std::string>> now;
  for (auto& c :
       s.must(fmt::format("SELECT attnum, attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = {} AND attnum > 0"
                          " AND NOT attisdropped",
                          t.oid)))
    now[std::stoi(c[0])] = {c[1], c[2]};
  std::string list, plain;
  for (std::size_t c = 0; c < t.columns.size(); c++) {
    const auto found = now.find(t.columns[c].number);
    std::string cell = "NULL", as_is = "NULL";
    if (found != now.end()) {
      const auto& [name, type] = found->second;
      as_is = cell = quoted(name);
      if (type != t.columns[c].type) {
        cell = fmt::format("{}::{}", quoted(name), t.columns[c].type);
        auto trial = s.run(fmt::format("SAVEPOINT trial; SELECT {} FROM {}", cell, at[0][0]));
        if (!trial.back().ok()) {
          cell = as_is;
          s.must("ROLLBACK TO trial");
        }
      }
      if (t.columns[c].base == "json") cell = fmt::format("({})::text::jsonb", cell);
      r.present |= column_set{1} << c;
    }
    if (found == now.end())
      for (const auto& [number, column] : now)
        if (column.first == t.columns[c].name) r.reused |= column_set{1} << c;
    list += (c ? ", " : "") + cell;
    plain += (c ? ", " : "") + as_is;
  }
  r.sql = fmt::format("SELECT {} FROM {}", list, at[0][0]);
  r.plain_sql = fmt::format("SELECT {} FROM {}", plain, at[0][0]);
  reply rows = s.run("SAVEPOINT trial; " + elsewhere + "; " + r.sql).back();
  if (rows.ok())
    r.rows = rows.rows;
  else
    r.sql = r.plain_sql = {};
  s.must("ROLLBACK TO trial");
  return r;
}

std::vector<outcome> observe(server& s, const table&, const std::vector<probe>& probes, const reading& r, const std::string& role) {
  std::vector<outcome> result;
  s.must("SET LOCAL ROLE " + role);
  s.must("SAVEPOINT reads");
  for (const probe& p : probes) {
    if (p.writes) {
      result.push_back(write(s, p, r, role));
      continue;
    }
    outcome o;
    o.answer = s.last(p.sql);
    if (!o.answer.ok()) s.must("ROLLBACK TO reads");
    result.push_back(std::move(o));
  }
  s.must("RESET ROLE");
  return result;
}

namespace {

struct comparing {
  server& s;
  const table& t;
  const reading& now;
  column_set reread = 0;  // columns whose stored values read differently because of the change itself
  std::vector<difference> found = {};

  void add(std::size_t p, const probe& of, bool writer, strictness at, std::string what) {
    found.push_back({p, writer, std::max(at, of.at), of.uses, 0, of.whole, std::move(what)});
  }

  void reads(std::size_t i, const probe& p, const reply& was, const reply& is) {
    if (!was.ok()) return;
    if (!is.ok()) {
      add(i, p, false, p.at, is.state + " " + is.message);
      return;
    }
    if (was.types != is.types || was.modifiers != is.modifiers) add(i, p, false, std::max(p.at, strictness::typed), "another type");
    if (was.names != is.names) add(i, p, false, p.at, "other columns");
    if (was.copied != is.copied) add(i, p, false, p.at, "other rows");
    const bool same = p.ordered ? was.rows == is.rows : sorted(was.rows) == sorted(is.rows);
    if (same) return;
    if (p.column < 0) {
      add(i, p, false, p.at == strictness::data ? strictness::data : std::max(p.at, strictness::text), "other rows");
      return;
    }
    // Only the text differs, or the value too?
    const auto c = static_cast<std::size_t>(p.column);
    const bool value = was.rows.size() != is.rows.size() || now.sql.empty() || !(now.present >> c & 1) || (reread >> c & 1);
    add(i, p, false, value ? strictness::data : strictness::text, "other values");
  }

  static bool promised(const std::string& state) { return state.starts_with("23"); }

  void writes(std::size_t i, const probe& p, const outcome& was, const outcome& is) {
    if (!was.answer.ok() && is.answer.ok()) {
      if (is.answer.tag.ends_with(" 0")) return;  // nothing was written
      // What could not be written before can be met by readers now.
      bool label = was.answer.state == "22P02";
      if (label)
        for (std::size_t c = 0; c < t.columns.size(); c++)
          if ((p.varied >> c & 1) && !t.columns[c].is_enum) label = false;
      if (p.varied && (label || promised(was.answer.state)))
        found.push_back(
            {i, false, label ? strictness::prepared : strictness::typed, p.varied, 0, false, "accepted now, was " + was.answer.state});
      return;
    }
    if (!was.answer.ok()) return;
    if (!is.answer.ok()) {
      add(i, p, true, p.at, is.answer.state + " " + is.answer.message);
      return;
    }
    if (was.answer.tag != is.answer.tag) add(i, p, true, p.at, was.answer.tag + " is now " + is.answer.tag);
    if (was.answer.rows.size() != is.answer.rows.size()) add(i, p, true, p.at, "returns other rows");
    if (now.sql.empty()) return;
    if (p.everything ? was.removed != is.removed : was.added.size() != is.added.size()) {
      add(i, p, true, p.at, "stores other rows");
      if (!p.optional) found.push_back({i, false, p.at, 0, 0, false, "others write other rows"});
      return;
    }
    if (p.everything) return;
    for (std::size_t c = 0; c < t.columns.size(); c++) {
      const column_set self = column_set{1} << c;
      if ((now.reused & self) && (p.varied & self)) add(i, p, true, p.at, "writes another column under the name " + t.columns[c].name);
      if (!(now.present & self) || (was.unstable & self) || (p.update && (reread & self))) continue;
      if (cells(was.added, c) == cells(is.added, c)) continue;
      add(i, p, true, p.at, "stores another value in " + t.columns[c].name);
      found.push_back({i, false, p.at, 0, self, false, "others store another value in " + t.columns[c].name});
    }
  }
};

}  // namespace

std::vector<difference> compare(server& s, const table& t, const std::vector<probe>& probes, const std::vector<outcome>& before,
                                const std::vector<outcome>& after, const reading& then, const reading& now) {
  column_set reread = 0;
  for (std::size_t column = 0; column < t.columns.size(); column++)
    if (cells(then.rows, column) != cells(now.rows, column)) reread |= column_set{1} << column;
  comparing c{s, t, now, reread};
  for (std::size_t i = 0; i < probes.size(); i++)
    if (!probes[i].writes) c.reads(i, probes[i], before[i].answer, after[i].answer);
  for (std::size_t i = 0; i < probes.size(); i++)
    if (probes[i].writes) c.writes(i, probes[i], before[i], after[i]);
  return c.found;
}

}  // namespace accord::oracle

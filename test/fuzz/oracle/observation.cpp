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
constexpr const char* elsewhere = "Asia/Tokyo";
constexpr char between = '\x1f';

// A row of shop.stored().
row cells_of(const std::string& text) {
  row cells(1);
  for (char c : text)
    if (c == between)
      cells.emplace_back();
    else
      cells.back() += c;
  return cells;
}

std::vector<row> stored_rows(const reply& r) {
  std::vector<row> rows;
  for (const row& one : r.rows)
    rows.push_back(cells_of(one[0]));
  return rows;
}

void make_reader(server& s, const char* name, const std::vector<std::string>& cells, const std::string& from) {
  std::string list;
  for (const auto& cell : cells)
    list +=
        fmt::format("{}CASE WHEN {} IS NULL THEN '{}' ELSE concat({}) END", list.empty() ? "" : " || E'\\x1f' || ", cell, null_text, cell);
  s.must(
      fmt::format("CREATE OR REPLACE FUNCTION shop.{}() RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET timezone = '{}' AS "
                  "$$ BEGIN RETURN QUERY SELECT {} FROM {}; END $$",
                  name, elsewhere, list, from));
}

void note(outcome& o, const probe& p, const std::vector<row>& before, const reply& stored) {
  auto rows = stored_rows(stored);
  o.removed = p.others ? minus(before, rows).size() : before.size() - rows.size();
  o.added = p.update ? std::move(rows) : minus(rows, before);
}

constexpr const char* stored = "SELECT shop.stored()";

// What follows a write: what is stored then.
std::vector<std::string> around(const reading& r, bool plain) {
  std::vector<std::string> after;
  if (r.deferred) after.emplace_back("SET CONSTRAINTS ALL IMMEDIATE");
  if (r.there) after.emplace_back(plain ? "SELECT shop.stored_plain()" : stored);
  return after;
}

void copy(server& s, const probe& p, const reading& r, outcome& o) {
  for (bool plain : {false, true}) {
    std::string sql = p.sql;
    for (const auto& after : around(r, plain))
      sql += "; " + after;
    auto replies = s.run(sql, p.copy);
    o.answer = replies.back().ok() ? replies.front() : replies.back();
    const bool unreadable = replies.size() == around(r, plain).size() + 1 && !replies.back().ok();
    if (replies.back().ok() && r.there) note(o, p, plain ? r.plain_rows : r.rows, replies.back());
    s.must("ROLLBACK TO probing");
    if (!unreadable) return;
  }
}

// The writes of one batch; which of them left something that shop.stored() cannot read.
void writes(server& s, const std::vector<const probe*>& probes, const reading& r, const std::vector<outcome*>& outcomes, bool plain) {
  if (probes.empty()) return;
  const auto after = around(r, plain);
  const bool prepared = r.there && !plain && s.last(fmt::format("PREPARE stored AS {}", stored)).ok();
  std::vector<step> steps;
  for (const probe* p : probes) {
    steps.push_back({{"ROLLBACK TO probing"}, {p->sql, p->binary, p->binary_nulls}});
    for (const auto& sql : after)
      steps.back().push_back({prepared && sql == stored ? "=stored" : sql});
  }
  steps.push_back({{"ROLLBACK TO probing"}});
  auto replies = s.batch(steps);
  if (prepared) s.must("DEALLOCATE stored");
  std::vector<const probe*> unreadable;
  std::vector<outcome*> theirs;
  for (std::size_t i = 0; i < probes.size(); i++) {
    outcome& o = *outcomes[i];
    o.answer = std::move(replies[i][1]);
    if (o.answer.ok() && r.deferred && !replies[i][2].ok()) o.answer = std::move(replies[i][2]);
    if (!o.answer.ok() || !r.there) continue;
    const reply& stored = replies[i].back();
    if (stored.ok()) {
      note(o, *probes[i], plain ? r.plain_rows : r.rows, stored);
    } else if (plain) {
      o.answer = stored;
    } else {
      unreadable.push_back(probes[i]);
      theirs.push_back(&o);
    }
  }
  if (!unreadable.empty()) writes(s, unreadable, r, theirs, true);
}

// Nearly all go well; after one that does not, the next is asked in a transaction that works again.
void reads(server& s, const std::vector<const probe*>& probes, const std::vector<outcome*>& outcomes) {
  if (probes.empty()) return;
  step all;
  for (const probe* p : probes)
    all.push_back({p->sql});
  auto together = std::move(s.batch({all})[0]);
  std::size_t good = 0;
  while (good < together.size() && together[good].ok())
    good++;
  for (std::size_t i = 0; i < good; i++)
    outcomes[i]->answer = std::move(together[i]);
  if (good == probes.size()) return;
  std::vector<step> steps;
  for (std::size_t i = good; i < probes.size(); i++)
    steps.push_back({{"ROLLBACK TO probing"}, {probes[i]->sql}});
  steps.push_back({{"ROLLBACK TO probing"}});
  auto replies = s.batch(steps);
  for (std::size_t i = good; i < probes.size(); i++)
    outcomes[i]->answer = std::move(replies[i - good][1]);
}

std::string sent(const probe& p) {
  std::string all = p.sql + between + p.copy + between + (p.update ? 'u' : 'i');
  for (std::size_t i = 0; i < p.binary.size(); i++)
    all += fmt::format("{}{}{}{}", between, p.binary_nulls[i] ? 'n' : 'v', p.binary[i].size(), p.binary[i]);
  return all;
}

}  // namespace

reading reading_of(server& s, const table& t) {
  reading r;
  // The table, or another one that has its name now: what is written goes there.
  const auto at =
      s.must(fmt::format("SELECT oid::regclass, oid FROM pg_class WHERE oid = {0} OR (oid = to_regclass('shop.t') AND relkind "
                         "IN ('r', 'p')) ORDER BY oid = {0} LIMIT 1",
                         t.oid));
  if (at.empty()) return r;
  const bool another = r.another = at[0][1] != std::to_string(t.oid);
  r.is_view = s.must("SELECT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('shop.t') AND relkind = 'v')")[0][0] == "t";
  std::map<int, std::pair<std::string, std::string>> now;  // by the number that the column had before
  for (auto& c : s.must(fmt::format("SELECT attnum, attname, format_type(atttypid, atttypmod), attgenerated <> '' FROM pg_attribute"
                                    " WHERE attrelid = {} AND attnum > 0 AND NOT attisdropped",
                                    at[0][1]))) {
    int number = std::stoi(c[0]);
    if (another) {
      const auto old = std::find_if(t.columns.begin(), t.columns.end(), [&](const column& one) { return one.name == c[1]; });
      if (old != t.columns.end()) number = old->number;
      if (c[3] == "t" && (old == t.columns.end() || !old->generated)) continue;  // what is computed now is nobody's value
    }
    now[number] = {c[1], c[2]};
  }
  std::vector<std::string> cells, plain;
  for (std::size_t c = 0; c < t.columns.size(); c++) {
    const auto found = now.find(t.columns[c].number);
    std::string cell = "NULL", as_is = "NULL";
    if (found != now.end()) {
      const auto& [name, type] = found->second;
      if (name != t.columns[c].name) r.renamed |= column_set{1} << c;
      as_is = cell = quoted(name);
      if (type != t.columns[c].type) {
        cell = fmt::format("{}::{}", quoted(name), t.columns[c].type);
        auto trial = s.run(fmt::format("SAVEPOINT trial; SELECT {} FROM {}", cell, at[0][0]));
        if (!trial.back().ok()) {
          cell = as_is;
          s.must("ROLLBACK TO trial");
        }
      }
      if (auto attributes = t.columns[c].attributes; !attributes.empty() && type == t.columns[c].type) {
        const auto there = attributes_of(s, type);
        std::string list;  // as far as they were there before
        for (const attribute& old : attributes) {
          const auto same = std::find_if(there.begin(), there.end(), [&](const attribute& a) { return a.number == old.number; });
          list += fmt::format("{}{}", list.empty() ? "" : ", ",
                              same == there.end() ? "NULL" : fmt::format("({}).{}", quoted(name), quoted(same->name)));
        }
        cell = fmt::format("CASE WHEN {} IS NOT DISTINCT FROM NULL THEN NULL ELSE ROW({})::text END", quoted(name), list);
      }
      if (t.columns[c].base == "json") cell = fmt::format("({})::text::jsonb", cell);
      if (t.columns[c].base == "json" && type == t.columns[c].type) as_is = cell;
      r.present |= column_set{1} << c;
    }
    if (found == now.end())
      for (const auto& [number, column] : now)
        if (column.first == t.columns[c].name) {
          r.reused |= column_set{1} << c;
          as_is = cell = quoted(column.first) + "::text";
        }
    cells.push_back(cell);
    plain.push_back(as_is);
  }
  make_reader(s, "stored", cells, at[0][0]);
  make_reader(s, "stored_plain", plain, at[0][0]);
  reply rows = s.run("SAVEPOINT trial; SELECT shop.stored()").back();
  r.there = rows.ok();
  if (r.there) {
    r.rows = stored_rows(rows);
    r.plain_rows = stored_rows(s.last("SELECT shop.stored_plain()"));
  }
  s.must("ROLLBACK TO trial");
  r.deferred = s.must(fmt::format("SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = {} AND condeferred)", t.oid))[0][0] == "t";
  return r;
}

void observe(server& s, const std::vector<probe>& probes, const std::vector<bool>& wanted, const reading& r, const std::string& role,
             std::vector<outcome>& outcomes) {
  std::vector<const probe*> reading, writing;
  std::vector<outcome*> read, written;
  std::map<std::string, std::size_t> known;  // several probes can send one statement, for what is different in it
  std::vector<std::pair<std::size_t, std::size_t>> same;
  s.must("SET LOCAL ROLE " + role + "; SAVEPOINT probing");
  for (std::size_t i = 0; i < probes.size(); i++) {
    const probe& p = probes[i];
    if (!wanted[i]) continue;
    if (const auto [first, is_new] = known.emplace(sent(p), i); !is_new) {
      same.emplace_back(i, first->second);
    } else if (!p.copy.empty()) {
      copy(s, p, r, outcomes[i]);
    } else if (p.copies_out) {
      outcomes[i].answer = s.last(p.sql);
      if (!outcomes[i].answer.ok()) s.must("ROLLBACK TO probing");
    } else {
      (p.writes ? writing : reading).push_back(&p);
      (p.writes ? written : read).push_back(&outcomes[i]);
    }
  }
  reads(s, reading, read);
  writes(s, writing, r, written, false);
  s.must("RESET ROLE; RELEASE probing");
  for (const auto& [to, from] : same)
    outcomes[to] = outcomes[from];
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
    const bool value =
        was.rows.size() != is.rows.size() || (now.renamed >> c & 1) || !now.there || !(now.present >> c & 1) || (reread >> c & 1);
    add(i, p, false, value ? strictness::data : strictness::text, "other values");
  }

  // COPY and TRUNCATE fail on a view, whatever it passes on (42809), and so can SET c = DEFAULT: few do that, and they rely on a table.
  bool needs_a_table(const probe& p, const reply& r) const {
    return now.is_view && ((r.state == "42809" && (r.message.starts_with("cannot copy") || r.message.ends_with("is not a table"))) ||
                           (p.sql.ends_with(" = DEFAULT") && r.state != "23514"));
  }
  static bool promised(const std::string& state) { return state.starts_with("23"); }

  // What others do elsewhere shows in the rows, or not.
  void elsewhere(std::size_t i, const outcome& was, const outcome& is) {
    const bool rows_go = was.removed != is.removed, refused = was.answer.ok() != is.answer.ok();
    if (!now.there || !(rows_go || (refused && is.answer.ok()))) return;
    if (was.answer.state == "55000") return;  // published without a replica identity: nobody was promised that
    column_set of = 0;                        // the key's columns, as these tables name their keys
    for (std::size_t c = 0; c < t.columns.size() && !rows_go; c++)
      if (was.answer.message.find('"' + t.columns[c].name + "_fkey\"") != std::string::npos) of |= column_set{1} << c;
    found.push_back({i, false, rows_go ? strictness::data : strictness::typed, of, 0, false,
                     rows_go ? "rows go otherwise with those that they refer to" : "those referred to can go now"});
  }
  void writes(std::size_t i, const probe& p, const outcome& was, const outcome& is) {
    if (p.others) return elsewhere(i, was, is);
    // A view has none, and in another table the same row is elsewhere; no client asks for it.
    if ((now.another || now.is_view) && p.sql.find("ctid") != std::string::npos) return;
    // A new label cannot be written before the transaction ends that added it, until 16; it is no unknown one any more.
    const bool accepted = is.answer.ok() || (was.answer.state == "22P02" && is.answer.state == "55P04");
    if (!was.answer.ok() && accepted) {
      if (is.answer.tag.ends_with(" 0")) return;         // nothing was written
      if (p.optional && (now.renamed & p.uses)) return;  // its condition speaks of another column
      // What could not be written before can be met by readers now.
      bool label = was.answer.state == "22P02";
      if (label)
        for (std::size_t c = 0; c < t.columns.size(); c++)
          if ((p.varied >> c & 1) && !t.columns[c].is_enum && t.columns[c].attributes.empty()) label = false;
      if (p.varied && (label || promised(was.answer.state)))
        found.push_back(
            {i, false, label ? strictness::prepared : strictness::typed, p.varied, 0, false, "accepted now, was " + was.answer.state});
      return;
    }
    if (!was.answer.ok()) return;
    // In one statement with a client's own what others do: they need rights of the table's owner, and of others.
    if (is.answer.state == "42501" && p.sql.find("others AS (DELETE FROM p") != std::string::npos) return;
    if (!is.answer.ok()) {
      add(i, p, true, needs_a_table(p, is.answer) ? strictness::exact : p.at, is.answer.state + " " + is.answer.message);
      return;
    }
    // Which rows fit a condition is a matter of their values.
    const strictness at = p.everything && p.optional ? std::max(p.at, strictness::typed) : p.at;
    if (was.answer.tag != is.answer.tag) add(i, p, true, at, was.answer.tag + " is now " + is.answer.tag);
    if (was.answer.rows.size() != is.answer.rows.size()) add(i, p, true, at, "returns other rows");
    if (!now.there) return;
    if (p.everything ? was.removed != is.removed : was.added.size() != is.added.size()) {
      add(i, p, true, at, "stores other rows");
      if (!p.optional) found.push_back({i, false, p.at, 0, 0, false, "others write other rows"});
      return;
    }
    if (p.everything) return;
    for (std::size_t c = 0; c < t.columns.size(); c++) {
      const column_set self = column_set{1} << c;
      if ((now.reused & self) && !(p.update && t.columns[c].generated && (reread & self)) &&
          (t.columns[c].generated ? cells(was.added, c) != cells(is.added, c) : (p.varied & self) != 0))
        add(i, p, true, p.at, "writes another column under the name " + t.columns[c].name);
      if (!(now.present & self) || (was.unstable & self) || (p.update && (reread & self))) continue;
      if (cells(was.added, c) == cells(is.added, c)) continue;
      add(i, p, true, p.at, "stores another value in " + t.columns[c].name);
      if (!p.optional) found.push_back({i, false, p.at, 0, self, false, "others store another value in " + t.columns[c].name});
    }
  }
};

}  // namespace

std::vector<difference> compare(server& s, const table& t, const std::vector<probe>& probes, const std::vector<bool>& wanted,
                                const std::vector<outcome>& before, const std::vector<outcome>& after, const reading& then,
                                const reading& now) {
  column_set reread = 0;
  for (std::size_t column = 0; column < t.columns.size(); column++)
    if (cells(then.rows, column) != cells(now.rows, column)) reread |= column_set{1} << column;
  comparing c{s, t, now, reread};
  for (std::size_t i = 0; i < probes.size(); i++)
    if (wanted[i] && !probes[i].writes) c.reads(i, probes[i], before[i].answer, after[i].answer);
  for (std::size_t i = 0; i < probes.size(); i++)
    if (wanted[i] && probes[i].writes) c.writes(i, probes[i], before[i], after[i]);
  return c.found;
}

}  // namespace accord::oracle

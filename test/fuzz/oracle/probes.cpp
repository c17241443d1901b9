// probes.  See probes.hpp.
#include "probes.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace accord::oracle {

namespace {

using core::strictness;

column_set bit(std::size_t column) {
  return column_set{1} << column;
}

struct writer {
  server& s;
  const table& t;
  std::vector<probe> probes;
  draft least_ = {};
  int prepared = 0;

  std::string name(std::size_t c) const { return quoted(t.columns[c].name); }
  std::string value(const std::string& text) const { return text == null_text ? "NULL" : s.literal(text); }
  const std::vector<std::string>& values(std::size_t c) const { return t.columns[c].values; }

  std::string insert(const draft& d, const std::string& end = {}) const {
    std::string columns, list;
    for (std::size_t c = 0; c < d.size(); c++)
      if (d[c]) {
        columns += (columns.empty() ? "" : ", ") + name(c);
        list += (list.empty() ? "" : ", ") + value(*d[c]);
      }
    if (columns.empty()) return "INSERT INTO t DEFAULT VALUES" + end;
    return fmt::format("INSERT INTO t ({}){} VALUES ({}){}", columns, overriding(d), list, end);
  }
  const char* overriding(const draft& d) const {
    for (std::size_t c = 0; c < d.size(); c++)
      if (d[c] && t.columns[c].in_default_key) return " OVERRIDING SYSTEM VALUE";
    return "";
  }
  static column_set named(const draft& d) {
    column_set set = 0;
    for (std::size_t c = 0; c < d.size(); c++)
      if (d[c]) set |= bit(c);
    return set;
  }
  bool works(const std::string& sql) const {
    auto replies = s.run("SAVEPOINT trial; " + sql + "; SET CONSTRAINTS ALL IMMEDIATE");
    const bool ok = replies.back().ok() && replies.size() == 3 && !replies[1].tag.ends_with(" 0");
    s.must("ROLLBACK TO trial");
    return ok;
  }
  draft row_of(std::size_t k, bool minimal) const {
    draft d(t.columns.size());
    for (std::size_t c = 0; c < t.columns.size(); c++) {
      const column& col = t.columns[c];
      if (col.generated || values(c).empty() || (minimal && (!(col.not_null || col.domain_not_null) || col.filled))) continue;
      d[c] = values(c)[k % values(c).size()];
      if (col.is_enum) d[c] = values(c)[k % (values(c).size() - 1)];
    }
    return d;
  }
  // The first that works, with the identity column left out where it must be.
  std::optional<draft> working(bool minimal) const {
    for (std::size_t k : {3, 4, 5, 2, 1, 0}) {
      draft d = row_of(k, minimal);
      for (std::size_t c = 0; c < t.columns.size(); c++)
        if (t.columns[c].in_default_key) d[c].reset();
      if (works(insert(d))) return d;
    }
    if (!minimal) return std::nullopt;
    // A check over several columns can want one more of them.
    for (std::size_t more = 0; more < t.columns.size(); more++)
      for (std::size_t k : {4, 5, 1}) {
        draft d = row_of(k, true);
        if (d[more] || t.columns[more].generated || t.columns[more].in_default_key || values(more).empty()) continue;
        d[more] = values(more)[k % values(more).size()];
        for (std::size_t c = 0; c < t.columns.size(); c++)
          if (t.columns[c].in_default_key) d[c].reset();
        if (works(insert(d))) return d;
      }
    return std::nullopt;
  }

  probe& write(std::string sql, strictness at, column_set uses, column_set varied) {
    probe p;
    p.sql = std::move(sql);
    p.writes = true;
    p.at = at;
    p.uses = uses;
    p.varied = varied;
    probes.push_back(std::move(p));
    return probes.back();
  }
  probe& read(std::string sql, strictness at, column_set uses) {
    probe p;
    p.sql = std::move(sql);
    p.at = at;
    p.uses = uses;
    probes.push_back(std::move(p));
    return probes.back();
  }
  // The same statement prepared before the change; its literals are left in it.
  void also_prepared() {
    probe p = probes.back();
    const std::string handle = fmt::format("p{}", ++prepared);
    p.prepare = fmt::format("PREPARE {} AS {}", handle, p.sql);
    p.sql = "EXECUTE " + handle;
    p.at = std::max(p.at, strictness::prepared);
    probes.push_back(std::move(p));
  }

  void reads() {
    read("SELECT count(*) FROM t", strictness::data, 0);
    read("SELECT count(*) FROM shop.t", strictness::data, 0);
    for (std::size_t c = 0; c < t.columns.size(); c++) {
      const column& col = t.columns[c];
      read(fmt::format("SELECT {} FROM t", name(c)), strictness::data, bit(c)).column = static_cast<int>(c);
      also_prepared();
      probes.back().column = -1;
      read(fmt::format("SELECT * FROM shop.typed_{}()", col.number), strictness::typed, bit(c));
      if (col.no_operators || values(c).empty()) continue;
      read(fmt::format("SELECT {0} FROM t ORDER BY {0}", name(c)), strictness::typed, bit(c)).ordered = true;
      read(fmt::format("SELECT {0} FROM t WHERE {0} = {1}", name(c), value(values(c)[1])), strictness::typed, bit(c));
      read(fmt::format("SELECT {0} FROM t WHERE {0} = {1}::{2}", name(c), value(values(c)[0]), col.type), strictness::typed, bit(c));
      if (col.is_enum || col.type == "amount" || col.type == "word")  // by its whole name
        read(fmt::format("SELECT {0} FROM t WHERE {0} = {1}::shop.{2}", name(c), value(values(c)[0]), quoted(col.type)), strictness::typed,
             bit(c));
      for (const attribute& a : col.attributes)
        for (const std::string& type : {a.type, "shop." + quoted(a.type)})
          if (type == a.type || a.type == "mood" || a.type == "amount")
            read(fmt::format("SELECT ({}).{}::{} FROM t", name(c), quoted(a.name), type), strictness::typed, bit(c));
      if (col.base == "jsonb") read(fmt::format("SELECT {} ->> 'a' FROM t", name(c)), strictness::typed, bit(c));
      if (col.category == "N") read(fmt::format("SELECT {0} / 2 FROM t", name(c)), strictness::typed, bit(c));
      if (col.category == "S") read(fmt::format("SELECT upper({0}) || 'x' FROM t", name(c)), strictness::typed, bit(c));
    }
    if (t.kind == "r") {  // COPY reads tables only, but for row security's sake
      read("COPY t TO STDOUT", strictness::exact, t.all).whole = true;
      probes.back().copies_out = true;
    }
    read("SELECT * FROM t", strictness::star, t.all).whole = true;
    also_prepared();
    read("SELECT row_to_json(t) FROM t", strictness::star, t.all).whole = true;
    read("SELECT * FROM shop.whole_rows()", strictness::star, t.all).whole = true;
    for (const auto& publication : t.publications)  // what its subscribers get
      read(fmt::format("SELECT pubinsert, pubupdate, pubdelete, pubtruncate FROM pg_publication p LEFT JOIN pg_publication_rel r ON "
                       "r.prpubid = p.oid"
                       " WHERE pubname = {} AND (puballtables OR prrelid = 'shop.t'::regclass)",
                       s.literal(publication)),
           strictness::exact, 0);
    // To become safe from a crash harms nobody.
    const std::string persistence = "SELECT relpersistence FROM pg_class WHERE relname = 't' AND relnamespace = 'shop'::regnamespace";
    if (auto now = s.must(persistence); !now.empty() && now[0][0] == "p") read(persistence, strictness::data, 0);
  }

  // Prepared as drivers do it: with parameters, whose types the server has chosen then.
  void insert_by_parameters(const draft& d) {
    if (!named(d)) return;
    std::string columns, parameters, arguments;
    std::size_t n = 0;
    for (std::size_t c = 0; c < t.columns.size(); c++)
      if (d[c]) {
        const char* comma = n ? ", " : "";
        columns += comma + name(c);
        parameters += fmt::format("{}${}", comma, ++n);
        arguments += comma + value(*d[c]);
      }
    const std::string handle = fmt::format("p{}", ++prepared);
    write(fmt::format("EXECUTE {} ({})", handle, arguments), strictness::prepared, named(d), named(d)).prepare =
        fmt::format("PREPARE {} AS INSERT INTO t ({}) VALUES ({})", handle, columns, parameters);
  }

  void inserts(const draft& base, const draft& least) {
    for (const draft& d : {base, least}) {
      write(insert(d), strictness::data, named(d), named(d));
      also_prepared();
      insert_by_parameters(d);
    }
    for (std::size_t c = 0; c < t.columns.size(); c++)
      if (base[c] && !least[c]) {
        draft d = least;
        d[c] = base[c];
        insert_by_parameters(d);
      }
    for (std::size_t c = 0; c < t.columns.size(); c++) {
      if (t.columns[c].generated || values(c).empty()) continue;
      draft d = least;
      for (const auto& v : values(c)) {
        d[c] = v;
        write(insert(d), strictness::data, named(d), bit(c));
      }
      for (const draft& from : {least, base}) {
        d = from;
        d[c] = null_text;
        write(insert(d), strictness::data, named(d), bit(c));
      }
    }
    for (const draft& d : {base, least})
      for (std::size_t c = 0; c < t.columns.size(); c++)
        if (d[c]) {
          write(insert(d, fmt::format(" RETURNING {}", name(c))), strictness::data, named(d), named(d));
          break;
        }
  }

  // A row with the values of the first row that has some in these columns, else fresh.
  draft twin(const draft& base, const std::vector<std::size_t>& columns) const {
    draft d = base;
    const auto& rows = t.own_rows.empty() ? t.rows : t.own_rows;  // keys are for these only
    auto full = std::find_if(rows.begin(), rows.end(), [&](const row& r) {
      return std::none_of(columns.begin(), columns.end(), [&](std::size_t c) { return r[c] == null_text; });
    });
    const row& from = full == rows.end() ? rows[0] : *full;
    for (std::size_t c : columns)
      if (!t.columns[c].generated) d[c] = from[c];
    return d;
  }
  // What keeps two rows apart, but serves no ON CONFLICT with columns.
  void exclusions(const draft& base) {
    for (const auto& [constraint, columns] : t.exclusions)
      for (const draft& from : {base, least_}) {
        draft d = twin(from, columns);
        if (std::any_of(columns.begin(), columns.end(), [&](std::size_t column) { return !d[column]; })) continue;
        column_set set = 0;
        for (std::size_t c : columns)
          set |= bit(c);
        write(insert(d), strictness::data, named(d), set);
        write(insert(d, " ON CONFLICT DO NOTHING"), strictness::data, named(d), set).optional = true;
        write(insert(d, fmt::format(" ON CONFLICT ON CONSTRAINT {} DO NOTHING", quoted(constraint))), strictness::exact, named(d), set);
      }
  }
  // Rows that are referred to, or will be, go by the hand of others.
  void references() {
    for (std::size_t c = 0; c < t.columns.size(); c++)
      for (const row& r : t.rows)
        if (t.columns[c].base == "integer" && r[c] != null_text) {
          probe& p = write("DELETE FROM p WHERE id = " + value(r[c]), strictness::data, 0, 0);
          p.everything = p.others = true;
        }
  }
  std::string row_in(const draft& d) const {
    const std::string sql = insert(d);
    return sql.substr(sql.find(" VALUES ") + 8);
  }
  // Rows that differ in the keys of the table and in nothing else, in what is left out neither.
  void twins_of_defaults(const draft& base) {
    std::vector<std::size_t> apart;
    for (const auto* list : {&t.keys, &t.exclusions})
      for (const key& k : *list)
        apart.insert(apart.end(), k.columns.begin(), k.columns.end());
    for (std::size_t c = 0; c <= t.columns.size(); c++) {
      draft d = least_;
      if (c < t.columns.size()) {
        if (d[c] || !base[c]) continue;
        d[c] = base[c];
      }
      if (named(d) == 0) continue;
      const std::string one = insert(d);
      std::string all = one;
      for (std::size_t k : {5, 4, 0, 6, 7}) {  // several, of which two meet in a partition
        draft twin = d;
        for (std::size_t column : apart)
          if (twin[column]) twin[column] = values(column)[k % values(column).size()];
        if (works(all + ", " + row_in(twin))) all += ", " + row_in(twin);
      }
      if (all != one) write(all, strictness::data, named(d), 0);
    }
  }
  // A default can refer to a row that nobody else refers to, and that goes.
  void defaults_alone() {
    bool refers = false;
    for (std::size_t c = 0; c < t.columns.size(); c++)
      refers |= t.columns[c].base == "integer" && !least_[c] && t.columns[c].filled && !t.columns[c].identity;
    if (!refers) return;
    std::string kept = "0";  // to which others refer already
    for (const row& r : s.must(fmt::format(
             "SELECT attnum, coalesce(pg_get_expr(adbin, adrelid), 'NULL') FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid "
             "AND attnum = ANY (conkey) LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum "
             "WHERE contype = 'f' AND conrelid = {}",
             t.oid)))
      for (std::size_t c = 0; c < t.columns.size(); c++)
        if (std::to_string(t.columns[c].number) == r[0]) kept += ", coalesce(" + (least_[c] ? value(*least_[c]) : r[1]) + ", 0)";
    probe& p = write(fmt::format("WITH own AS (DELETE FROM t), others AS (DELETE FROM p WHERE id NOT IN ({})) {}", kept, insert(least_)),
                     strictness::data, named(least_), 0);
    p.everything = p.optional = true;
  }
  void keys(const draft& base) {
    if (t.rows.empty()) return;
    exclusions(base);
    references();
    defaults_alone();
    for (const key& k : t.keys) {
      draft d = twin(base, k.columns);
      column_set set = 0;
      std::string list;
      for (std::size_t c : k.columns) {
        set |= bit(c);
        list += (list.empty() ? "" : ", ") + name(c);
      }
      if ((named(d) & set) != set) continue;
      write(insert(d), strictness::data, named(d), set);
      write(insert(d, fmt::format(" ON CONFLICT ({}) DO NOTHING", list)), strictness::data, named(d), set).optional = true;
      also_prepared();
      draft small = least_;
      for (std::size_t c : k.columns)
        small[c] = d[c];
      write(insert(small, fmt::format(" ON CONFLICT ({}) DO NOTHING", list)), strictness::data, named(small), set).optional = true;
      for (std::size_t c = 0; c < t.columns.size(); c++)
        if (d[c] && !(set & bit(c))) {
          write(insert(d, fmt::format(" ON CONFLICT ({}) DO UPDATE SET {} = excluded.{}", list, name(c), name(c))), strictness::data,
                named(d), set | bit(c))
              .update = true;
          break;
        }
      if (!k.constraint.empty())
        write(insert(d, fmt::format(" ON CONFLICT ON CONSTRAINT {} DO NOTHING", quoted(k.constraint))), strictness::exact, named(d), set);
    }
    // Two columns at once, for keys and checks that are still to come.
    for (const draft& from : {base, least_})
      for (std::size_t a = 0; a < t.columns.size(); a++)
        for (std::size_t b = a + 1; b < t.columns.size(); b++) {
          draft d = twin(from, {a, b});
          if (d == from || !d[a] || !d[b]) continue;
          write(insert(d), strictness::data, named(d), bit(a) | bit(b));
        }
    for (const draft& d : {base, least_})
      write(insert(d, " ON CONFLICT DO NOTHING"), strictness::data, named(d), named(d)).optional = true;
    // Both left empty, for checks over two columns.
    for (std::size_t a = 0; a < t.columns.size(); a++)
      for (std::size_t b = a + 1; b < t.columns.size() && b < a + 3; b++) {
        draft d = least_;
        if (t.columns[a].not_null || t.columns[b].not_null || t.columns[a].generated || t.columns[b].generated) continue;
        d[a] = d[b] = null_text;
        write(insert(d), strictness::data, named(d), bit(a) | bit(b));
      }
    // A check over two columns is content with the other one, or with the default of the first.
    for (std::size_t a = 0; a < t.columns.size(); a++)
      for (std::size_t b = 0; b < t.columns.size() && least_[a] && !t.columns[a].not_null && !t.columns[a].domain_not_null; b++) {
        draft d = least_;
        if (d[b] || !base[b]) continue;
        d[a].reset();
        for (const auto& v : {*base[b], null_text}) {
          d[b] = v;
          if (v == null_text ? probes.back().varied != bit(b) : !works(insert(d))) break;
          write(insert(d), strictness::data, named(d), bit(b));
        }
      }
    twins_of_defaults(base);
    // Two rows that differ in what must differ: those who leave a column out write its default twice.
    draft next = row_of(5, true);
    if (next != least_ && named(next) == named(least_)) {
      std::string two = insert(least_);
      const std::string more = insert(next);
      two += ", " + more.substr(more.find(" VALUES ") + 8);
      if (two.find("DEFAULT VALUES") == std::string::npos) write(two, strictness::data, named(least_), 0);
    }
  }

  void updates() {
    if (t.rows.empty()) return;
    for (std::size_t c = 0; c < t.columns.size(); c++) {
      const column& col = t.columns[c];
      if (col.generated) {
        write(fmt::format("DELETE FROM t WHERE {} IS NOT NULL", name(c)), strictness::data, bit(c), 0).everything = true;
        probes.back().optional = true;
        write(fmt::format("DELETE FROM t RETURNING {}", name(c)), strictness::data, bit(c), 0).everything = true;
        probes.back().optional = true;
      }
      if (col.generated || values(c).empty()) continue;
      // Those that name this column only; all rows.
      write(fmt::format("UPDATE t SET {0} = {0}", name(c)), strictness::data, bit(c), bit(c)).update = true;
      for (const auto& v : {values(c)[0], values(c).back()})
        write(fmt::format("UPDATE t SET {} = {}", name(c), value(v)), strictness::data, bit(c), bit(c)).update = true;
      also_prepared();
      for (const auto& v : values(c))  // one row, as a key allows it
        write(fmt::format("UPDATE t SET {} = {} WHERE ctid = (SELECT min(ctid) FROM t)", name(c), value(v)), strictness::data, bit(c),
              bit(c))
            .update = true;
      if (col.base == "json" || col.base == "jsonb")
        write(fmt::format("UPDATE t SET {0} = {0} WHERE {0} ->> 'a' IS NULL", name(c)), strictness::typed, bit(c), bit(c)).update = true;
      for (const attribute& a : col.attributes)
        for (const std::string& type : {a.type, "shop." + quoted(a.type)})
          if (type == a.type || a.type == "mood" || a.type == "amount")
            write(fmt::format("UPDATE t SET {0}.{1} = ({2}::{3}).{1}::{4}", name(c), quoted(a.name), value(values(c)[0]), col.type, type),
                  strictness::typed, bit(c), bit(c))
                .update = true;
      if (col.is_enum || col.type == "amount" || col.type == "word")  // by its whole name
        write(fmt::format("UPDATE t SET {} = {}::shop.{}", name(c), value(values(c)[0]), quoted(col.type)), strictness::typed, bit(c),
              bit(c))
            .update = true;
      if (col.is_enum || col.type != col.base) {
        write(fmt::format("UPDATE t SET {} = {}::{}", name(c), value(values(c)[0]), col.type), strictness::typed, bit(c), bit(c)).update =
            true;
      }
      write(fmt::format("UPDATE t SET {} = NULL", name(c)), strictness::data, bit(c), bit(c)).update = true;
      probe& p = write(fmt::format("UPDATE t SET {} = DEFAULT", name(c)), strictness::data, bit(c), 0);
      p.update = true;
      write(fmt::format("DELETE FROM t WHERE {} IS NOT NULL", name(c)), strictness::data, bit(c), 0).everything = true;
      probes.back().optional = true;
      const auto there = std::find_if(t.rows.begin(), t.rows.end(), [&](const row& r) { return r[c] != null_text; });
      if (!col.no_operators && there != t.rows.end()) {
        write(fmt::format("DELETE FROM t WHERE {} = {}", name(c), value((*there)[c])), strictness::typed, bit(c), 0).everything = true;
        probes.back().optional = true;
        const std::size_t other = c == 0 ? 1 : 0;
        if (other < t.columns.size() && !t.columns[other].generated && !values(other).empty())
          write(fmt::format("UPDATE t SET {} = {} WHERE {} = {}", name(other), value(values(other)[0]), name(c), value((*there)[c])),
                strictness::typed, bit(c) | bit(other), bit(other))
              .update = true;
        probes.back().optional = true;
      }
    }
    write("DELETE FROM t", strictness::data, 0, 0).everything = true;
    write("DELETE FROM shop.t", strictness::data, 0, 0).everything = true;
    write("TRUNCATE t", strictness::data, 0, 0).everything = true;
  }

  void positional(const draft& base) {
    std::string list, text, shorter;
    std::vector<std::string> parameters;
    bool plain = true;
    std::size_t last_required = 0;
    for (std::size_t c = 0; c < t.columns.size(); c++) {
      if (!base[c]) plain = false;
      if ((t.columns[c].not_null || t.columns[c].domain_not_null) && !t.columns[c].filled) last_required = c;
    }
    if (plain) {
      for (std::size_t c = 0; c < t.columns.size(); c++) {
        list += (c ? ", " : "") + value(*base[c]);
        if (c == last_required) shorter = list;
      }
      write(fmt::format("INSERT INTO t VALUES ({})", list), strictness::exact, t.all, t.all).whole = true;
      also_prepared();
      if (last_required + 1 < t.columns.size())
        write(fmt::format("INSERT INTO t VALUES ({})", shorter), strictness::exact, t.all, t.all).whole = true;
    }
    copies(base);
    if (named(least_) != named(base)) copies(least_);
    for (std::size_t c = 0; c < t.columns.size(); c++)  // COPY stores the NULL that a domain should refuse
      if (t.columns[c].domain_not_null && !t.columns[c].not_null && !t.columns[c].filled) {
        draft d = least_;
        d[c].reset();
        for (std::size_t other = 0; other < t.columns.size() && !named(d); other++)  // COPY has to name one
          if (other != c) d[other] = base[other];
        copies(d);
      }
    binaries(base);
    for (std::size_t c = 0; c < t.columns.size(); c++)
      if (!least_[c] && base[c]) {
        draft d = least_;
        d[c] = base[c];
        binaries(d);
        if (named(least_) == 0) copies(d);  // who has nothing else to name
      } else if (t.columns[c].in_default_key) {
        draft d = least_;
        d[c] = values(c)[4];
        binaries(d);
      }
    binaries(least_);
  }

  // Text and binary COPY of the base row, as it would be written out of the table now.
  void copies(const draft& base) {
    draft given = base;
    for (std::size_t c = 0; c < t.columns.size(); c++)  // COPY may give what INSERT may not
      if (t.columns[c].in_default_key) given[c] = values(c)[4];
    copies_of(given);
    if (given != base) copies_of(base);
  }
  void copies_of(const draft& base) {
    std::string columns, cells;
    bool default_list = true;
    for (std::size_t c = 0; c < t.columns.size(); c++) {
      if (base[c]) {
        columns += (columns.empty() ? "" : ", ") + name(c);
        cells += fmt::format("{}{}::{}", cells.empty() ? "" : ", ", value(*base[c]), t.columns[c].type);
      }
      if (!base[c] && !t.columns[c].generated) default_list = false;
    }
    if (columns.empty()) return;
    const column_set set = named(base);
    for (const char* format : {"text", "binary"}) {
      const bool binary = format[0] == 'b';
      auto replies = s.run(fmt::format("SAVEPOINT trial; COPY (SELECT {}) TO STDOUT (FORMAT {})", cells, format));
      const std::string image = replies.back().ok() ? replies.back().copied : std::string();
      s.must("ROLLBACK TO trial");
      if (image.empty()) continue;
      write(fmt::format("COPY t ({}) FROM STDIN (FORMAT {})", columns, format), binary ? strictness::typed : strictness::data, set, set)
          .copy = image;
      if (!default_list) continue;
      probe& p = write(fmt::format("COPY t FROM STDIN (FORMAT {})", format), strictness::exact, t.all, set);
      p.copy = image;
      p.whole = true;
    }
  }

  void binaries(const draft& base) {
    std::string columns, places;
    std::vector<bool> nulls;
    std::vector<std::size_t> order;
    for (std::size_t c = 0; c < t.columns.size(); c++)
      if (base[c]) {
        columns += (columns.empty() ? "" : ", ") + name(c);
        places += fmt::format("{}${}", places.empty() ? "" : ", ", nulls.size() + 1);
        nulls.push_back(*base[c] == null_text);
        order.push_back(c);
      }
    if (order.empty()) return;
    std::string image;
    for (std::size_t c : order)
      image += fmt::format("{}{}::{}", image.empty() ? "" : ", ", value(*base[c]), t.columns[c].type);
    auto values = s.binary_row("SELECT " + image);
    if (values.empty()) return;
    probe& p = write(fmt::format("INSERT INTO t ({}){} VALUES ({})", columns, overriding(base), places), strictness::typed, named(base),
                     named(base));
    p.binary = values;
    p.binary_nulls = nulls;
  }
};

void make_functions(server& s, const table& t) {
  for (const column& c : t.columns)
    s.must(fmt::format(
        "CREATE FUNCTION shop.typed_{}() RETURNS TABLE (result {}) LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT t.{} FROM t; END $$",
        c.number, c.type, quoted(c.name)));
  s.must(
      "CREATE FUNCTION shop.whole_rows() RETURNS SETOF t LANGUAGE plpgsql AS $$"
      " DECLARE r t%ROWTYPE; BEGIN FOR r IN SELECT * FROM t LOOP RETURN NEXT r; END LOOP; END $$");
}

}  // namespace

std::optional<rows_of_clients> insertable(server& s, const table& t) {
  writer w{s, t, {}};
  auto base = w.working(false), least = w.working(true);
  if (!base) return std::nullopt;
  return rows_of_clients{*base, least ? *least : *base};
}

column_set rows_of_clients::needed() const {
  return writer::named(least);
}

std::vector<probe> probes_for(server& s, const table& t, const std::optional<rows_of_clients>& rows) {
  writer w{s, t, {}};
  auto role = s.must("SELECT current_user");
  s.must("RESET ROLE");
  make_functions(s, t);
  s.must("SET LOCAL ROLE " + role[0][0]);
  w.reads();
  if (rows) {
    w.least_ = rows->least;
    w.inserts(rows->base, w.least_);
    w.keys(rows->base);
    w.positional(rows->base);
  }
  w.updates();
  // Old clients have run their prepared statements before.
  std::erase_if(w.probes, [&](const probe& p) {
    if (p.prepare.empty()) return false;
    auto replies = s.run("SAVEPOINT trial; " + p.prepare);
    if (!replies.back().ok()) s.must("ROLLBACK TO trial");
    return !replies.back().ok();
  });
  return w.probes;
}

}  // namespace accord::oracle

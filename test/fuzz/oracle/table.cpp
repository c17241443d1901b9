// table.  See table.hpp.
#include "table.hpp"

#include <map>
#include <stdexcept>

namespace accord::oracle {

std::vector<std::string> values_of(const std::string& base, const std::string& type) {
  static const std::map<std::string, std::vector<std::string>> known = {
      {"smallint", {"1", "2", "3", "4", "7", "-5", "32767", "32000"}},
      {"integer", {"1", "2", "3", "4", "7", "-5", "55555", "2147483647", "2000000", "100000"}},
      {"bigint", {"1", "2", "3", "4", "7", "-5", "100000", "9223372036854775807", "5000000000"}},
      {"numeric(10,2)", {"1.25", "2.50", "3.75", "4.00", "7.55", "-5.25", "100000.75", "88888888.5", "99999999.25"}},
      {"numeric", {"1.25", "2.505", "3.75", "4.00", "7.555", "-5.25", "0.12345678901234567890", "100000.75", "99999999.25"}},
      {"real", {"0.1", "2.5", "3.25", "4", "7.7", "-5.5", "1e30"}},
      {"double precision", {"0.1", "2.5", "3.25", "4", "7.7", "-5.5", "1e300"}},
      {"text",
       {"a1", "b2", "c3", "B4", "e5", "", "a text of more than seventy letters, which is more than a name can have", "never",
        "a text of more than ten letters"}},
      {"character varying", {"a1", "b2", "c3", "B4", "e5", "", "ten letter", "ten_letter"}},
      {"character", {"a1", "b2", "c3", "B4", "e5", "y", "wxyz", "x"}},
      {"boolean", {"true", "false"}},
      {"date", {"2020-01-01", "2021-02-03", "2022-03-04", "2019-06-30", "2023-07-07", "1999-12-31"}},
      {"timestamp without time zone",
       {"2020-01-01 00:00:00", "2021-02-03 04:05:06.789", "2022-03-04 12:00:00", "2019-06-30 23:59:59", "2018-08-08 08:08:08",
        "2001-02-03 04:05:06.654321", "2023-07-07 07:07:07.123456"}},
      {"timestamp with time zone",
       {"2020-01-01 00:00:00+00", "2021-02-03 04:05:06.789+00", "2022-03-04 12:00:00+02", "2019-06-30 23:59:59-05",
        "2018-08-08 08:08:08+00", "2001-02-03 04:05:06.654321+00", "2023-07-07 07:07:07.123456+00"}},
      {"time without time zone", {"01:00:00", "04:05:06.789", "12:00:00", "23:59:59", "07:07:07.123456", "08:08:08"}},
      {"interval", {"1 day", "02:03:04.5", "1 mon", "3 years", "7 days", "-00:00:01.25", "00:00:07.5"}},
      {"json", {R"({"a": 1})", R"({"b":  2, "b": 3})", "[1,2]", R"("x")", "7", "8"}},
      {"jsonb", {R"({"a": 1})", R"({"b": 2})", "[1, 2]", R"("x")", "7", "8"}},
      {"uuid",
       {"00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002", "00000000-0000-0000-0000-000000000003",
        "00000000-0000-0000-0000-000000000004", "00000000-0000-0000-0000-000000000005", "00000000-0000-0000-0000-000000000006"}},
      {"bytea", {"\\x01", "\\x02ff", "\\x03", "\\xfe04", "\\x05", "\\x06"}},
      {"integer[]", {"{1,2}", "{3}", "{4,5,6}", "{}", "{7}", "{8}"}},
      {"text[]", {"{a,b}", "{c}", "{d,e,f}", "{}", "{g}", "{h}"}},
      {"inet", {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.0/8", "10.0.0.1/8", "10.0.0.2/8"}},
      {"cidr", {"10.0.0.0/8", "10.1.0.0/16", "10.2.3.0/24", "10.0.0.4/32", "11.0.0.0/8", "12.0.0.0/8"}},
      {"pair",
       {"(1,sad,5)", "(2,ok,6)", "(3,happy,4)", "(,sad,8)", "(4,ok,9)", "(7,happy,89999)", "(6,ok,95000)", "(8,sad,)", "(5,unheard,3)"}},
      {"int4range", {"[1,3)", "[3,5)", "[5,9)", "empty", "[20,30)", "[30,40)"}},
  };
  auto found = known.find(type);
  if (found == known.end()) found = known.find(base);
  return found == known.end() ? std::vector<std::string>{} : found->second;
}

std::vector<attribute> attributes_of(server& s, const std::string& type) {
  std::vector<attribute> result;
  for (auto& r : s.must("SELECT attnum, attname, format_type(atttypid, atttypmod) FROM pg_attribute JOIN pg_type t ON t.typrelid = attrelid"
                        " WHERE t.oid = to_regtype(" +
                        s.literal(type) +
                        ") AND t.typtype = 'c' AND attnum > 0 AND NOT attisdropped"
                        " ORDER BY attnum"))
    result.push_back({std::stoi(r[0]), r[1], r[2]});
  return result;
}

table table::read(server& s, const std::string& relation) {
  table t;
  auto facts = s.must("SELECT c.oid, c.relname, c.relkind FROM pg_class c WHERE c.oid = '" + relation + "'::regclass");
  t.oid = static_cast<Oid>(std::stoul(facts.at(0)[0]));
  t.name = facts[0][1];
  t.kind = facts[0][2];
  const std::string oid = facts[0][0];
  for (auto& r :
       s.must("SELECT a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), format_type(b.oid, NULL), b.typcategory,"
              " a.attnotnull, a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL, a.attgenerated <> '', b.typtype = 'e',"
              " a.attidentity = 'a', a.attidentity <> '', (SELECT string_agg(enumlabel, E'\\x01' ORDER BY enumsortorder) FROM pg_enum "
              "WHERE enumtypid = b.oid), t.typnotnull"
              " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
              " JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END"
              " WHERE a.attrelid = " +
              oid + " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum")) {
    column c;
    c.number = std::stoi(r[0]);
    c.name = r[1];
    c.type = r[2];
    c.base = r[3];
    c.category = r[4];
    c.not_null = r[5] == "t";
    c.domain_not_null = r[12] == "t";
    c.filled = r[6] == "t";
    c.generated = r[7] == "t";
    c.is_enum = r[8] == "t";
    c.in_default_key = r[9] == "t";
    c.identity = r[10] == "t";
    c.no_operators = c.base == "json";
    if (c.category == "C") c.attributes = attributes_of(s, c.type);
    if (c.is_enum) {
      std::string label;
      for (char ch : r[11] + "\x01") {
        if (ch != '\x01') {
          label += ch;
          continue;
        }
        c.values.push_back(label);
        label.clear();
      }
      c.values.push_back("unheard");  // a label that is not there yet: the changes add this one
    } else {
      c.values = values_of(c.base, c.type);
    }
    t.all |= column_set{1} << t.columns.size();
    t.columns.push_back(std::move(c));
  }
  for (auto& r : s.must(
           "SELECT coalesce((SELECT conname FROM pg_constraint WHERE conindid = x.indexrelid AND conrelid = x.indrelid), ''),"
           " array_to_string(x.indkey::int[], ' ') FROM pg_index x WHERE x.indrelid = " +
           oid +
           " AND x.indisunique AND x.indimmediate AND x.indpred IS NULL AND x.indexprs IS NULL AND x.indisvalid ORDER BY x.indexrelid")) {
    key k;
    k.constraint = r[0];
    for (std::size_t at = 0; at < r[1].size();) {
      std::size_t used = 0;
      const int number = std::stoi(r[1].substr(at), &used);
      at += used + 1;
      for (std::size_t c = 0; c < t.columns.size(); c++)
        if (t.columns[c].number == number) k.columns.push_back(c);
    }
    t.keys.push_back(std::move(k));
  }
  for (auto& r : s.must("SELECT array_to_string(conkey, ' '), conname FROM pg_constraint WHERE conrelid = " + oid +
                        " AND contype = 'x' ORDER BY conname")) {
    key k{r[1], {}};
    for (std::size_t c = 0; c < t.columns.size(); c++)
      if ((" " + r[0] + " ").find(" " + std::to_string(t.columns[c].number) + " ") != std::string::npos) k.columns.push_back(c);
    t.exclusions.push_back(std::move(k));
  }
  for (auto& r : s.must("SELECT pubname FROM pg_publication_rel JOIN pg_publication p ON p.oid = prpubid WHERE prrelid = " + oid))
    t.publications.push_back(r[0]);
  t.rows = s.must("SELECT * FROM " + relation);
  t.own_rows = t.kind == "r" ? s.must("SELECT * FROM ONLY " + relation) : t.rows;
  return t;
}

}  // namespace accord::oracle

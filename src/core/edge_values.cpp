// Edge values.  See edge_values.hpp.
#include "core/edge_values.hpp"

#include <algorithm>
#include <iterator>

namespace accord::core {

namespace {

struct values_of_type {
  std::string_view type;
  const char* values[14];
};

constexpr values_of_type known[] = {
    {"boolean", {"true", "false"}},
    {"smallint", {"0", "1", "-1", "12", "32767", "-32768"}},
    {"integer", {"0", "1", "-1", "12", "32768", "16777217", "2147483647", "-2147483648"}},
    {"bigint", {"0", "1", "-1", "12", "2147483648", "9007199254740993", "9223372036854775807", "-9223372036854775808"}},
    {"numeric", {"0", "1", "-1", "1.5", "0.05", "12.3456789", "1.10", "99999", "1e40", "123456789012345678901234.5", "NaN", "Infinity"}},
    {"real", {"0", "1", "-0", "-1.5", "0.1", "1.17549435e-38", "3.4028235e38", "16777216", "NaN", "Infinity", "-Infinity"}},
    {"double precision",
     {"0", "1", "-0", "-1.5", "0.1", "2.2250738585072014e-308", "1.7976931348623157e308", "9007199254740992", "NaN", "Infinity"}},
    {"money", {"0", "1", "-1.23", "92233720368547758.07"}},
    {"oid", {"0", "1", "4294967295"}},
    {"text",
     {"", " ", "a", "A", "a'b\"", "0", "1.5", "e\u0301", "trailing  ", "true", "2024-02-29", "{\"a\": 1}",
      "a text that is longer than most modifiers allow, and so shows what they cut away"}},
    {"character varying",
     {"", " ", "a", "A", "a'b\"", "0", "1.5", "e\u0301", "trailing  ", "true", "2024-02-29", "{\"a\": 1}",
      "a text that is longer than most modifiers allow, and so shows what they cut away"}},
    {"character",
     {"", " ", "a", "A", "a'b\"", "0", "1.5", "e\u0301", "trailing  ", "true", "2024-02-29", "{\"a\": 1}",
      "a text that is longer than most modifiers allow, and so shows what they cut away"}},
    {"name", {"", "a", "A b"}},
    {"\"char\"", {"", "a", "\\200"}},
    {"bytea", {"", "\\x00", "\\xdeadbeef", "\\x61"}},
    {"date", {"2000-01-01", "1900-02-28", "4713-01-01 BC", "5874897-12-31", "infinity", "-infinity"}},
    {"time without time zone", {"00:00:00", "12:34:56.789012", "23:59:59.999999", "24:00:00"}},
    {"time with time zone", {"00:00:00+00", "12:34:56.789012+15:59", "24:00:00-15:59"}},
    {"timestamp without time zone",
     {"2000-01-01 00:00:00", "2024-03-31 02:30:00", "1999-12-31 23:59:59.999999", "4713-01-01 00:00:00 BC", "infinity"}},
    {"timestamp with time zone",
     {"2000-01-01 00:00:00+00", "2024-03-31 01:30:00+00", "1999-12-31 23:59:59.999999+00", "2024-10-27 00:30:00+00", "infinity"}},
    {"interval", {"0", "-1 mon", "1 day 25:00:00", "1.123456 s", "1 year -2 days"}},
    {"uuid", {"00000000-0000-0000-0000-000000000000", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}},
    {"json", {"1", "null", "{\"b\": 1,  \"a\": 2, \"b\": 3}", "[1.10, \"x\"]"}},
    {"jsonb", {"1", "null", "{\"a\": 2, \"b\": 3}", "[1.10, \"x\"]", "1.5", "true"}},
    {"xml", {"", "<a/>", "text"}},
    {"inet", {"10.0.0.0", "10.0.0.1/8", "10.0.0.0/8", "::1"}},
    {"cidr", {"10.0.0.0/32", "10.0.0.0/8", "::1/128"}},
    {"macaddr", {"00:00:00:00:00:00", "08:00:2b:01:02:03"}},
    {"macaddr8", {"00:00:00:00:00:00:00:00", "08:00:2b:01:02:03:04:05", "08:00:2b:ff:fe:01:02:03"}},
    {"bit", {"0", "1", "101", "11111111", "10101010101010101010101010101010101"}},
    {"bit varying", {"", "0", "101", "11111111", "10101010101010101010101010101010101"}},
    {"point", {"(0,0)", "(1.5,-2)"}},
    {"tsvector", {"", "'a':1 'b'"}},
    {"regclass", {"pg_class", "-"}},
    {"regproc", {"now", "-"}},
    {"regprocedure", {"abs(integer)", "-"}},
    {"regoper", {"||/", "0"}},
    {"regoperator", {"+(integer,integer)", "0"}},
    {"regtype", {"integer", "-"}},
    {"regrole", {"pg_monitor", "-"}},
    {"regnamespace", {"pg_catalog", "-"}},
    {"regcollation", {"\"C\"", "-"}},
    {"regconfig", {"simple"}},
    {"regdictionary", {"simple"}},
    {"xid8", {"1", "4294967297"}},
    {"lseg", {"[(0,0),(1.5,-2)]"}},
    {"box", {"(1.5,2),(0,0)"}},
    {"path", {"((0,0),(1.5,-2))", "[(0,0),(1.5,-2)]"}},
    {"polygon", {"((0,0),(1.5,0),(0,2))"}},
    {"circle", {"<(0,0),1.5>"}},
    // As people write values of other types, which these then write otherwise.
    {"text as other types",
     {" 1 ", " 2024-02-29 ", "04:05", "04:05+01", "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}", "08002b:010203", "08002b:0102030405",
      "10.0.0.1/32", "{\"b\":1}", "x1f", "pg_catalog.pg_class", "\\x61", "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a/>"}},
};

}  // namespace

std::span<const char* const> edge_values(std::string_view type) {
  const auto* found = std::find_if(std::begin(known), std::end(known), [&](const values_of_type& k) { return k.type == type; });
  if (found == std::end(known)) return {};
  return {std::begin(found->values), std::find(std::begin(found->values), std::end(found->values), nullptr)};
}

}  // namespace accord::core

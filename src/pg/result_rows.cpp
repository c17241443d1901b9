// Rows of a set-returning function.  See result_rows.hpp.
#include "pg/result_rows.hpp"

#include "pg/pg.h"

namespace accord {

Datum result_rows::finish(FunctionCallInfo call) const {
  auto* result = reinterpret_cast<ReturnSetInfo*>(call->resultinfo);
  AttInMetadata* columns = pg([&] {
    InitMaterializedSRF(call, 0);
    return TupleDescGetAttInMetadata(result->setDesc);
  });
  const auto width = static_cast<std::size_t>(result->setDesc->natts);
  std::vector<char*> values(width);
  for (const auto& row : rows_) {
    if (row.size() != width) throw failure("XX000", "a row does not have the columns that its function declares");
    for (std::size_t i = 0; i < width; i++)
      values[i] = row[i] ? const_cast<char*>(row[i]->c_str()) : nullptr;
    char** texts = values.data();
    pg([&] {
      HeapTuple tuple = BuildTupleFromCStrings(columns, texts);
      tuplestore_puttuple(result->setResult, tuple);
      heap_freetuple(tuple);
    });
  }
  return Datum(0);
}

}  // namespace accord

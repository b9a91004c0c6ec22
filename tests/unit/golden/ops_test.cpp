#include "sim/golden/ops/ops.hpp"

#include "support/catch.hpp"

using namespace elb;
using golden::Tensor;

namespace {
Tensor map(nn::Shape shape, std::vector<int32_t> data) {
  Tensor t(shape);
  REQUIRE(data.size() == t.data.size());
  t.data = std::move(data);
  return t;
}
using Values = std::vector<int32_t>;
}  // namespace

TEST_CASE("a convolution slides its window and pads with the layer's value") {
  const Tensor in = map({2, 3, 1}, {1, 2, 3,  //
                                    4, 5, 6});
  const std::vector<int8_t> w = {1, -1,  //
                                 2, 3};
  nn::Window win;
  win.kh = win.kw = 2;
  CHECK(golden::ops::conv(in, w, win, 1, 1).data == Values{1 - 2 + 8 + 15, 2 - 3 + 10 + 18});

  win.top = win.left = 1;
  win.pad_value = -1;
  const Tensor padded = golden::ops::conv(in, w, win, 1, 1);
  CHECK(padded.shape == nn::Shape{2, 3, 1});
  CHECK(padded.data == Values{-1 + 1 - 2 + 3, -1 + 1 + 2 + 6, -1 + 1 + 4 + 9,  //
                              -1 - 1 - 2 + 12, 22, 33 - 6});
}

TEST_CASE("strides and dilation are separate in both directions") {
  Tensor in({5, 5, 1});
  for (int i = 0; i < 25; ++i) in.data[static_cast<size_t>(i)] = i;
  nn::Window win;
  win.kh = 2, win.kw = 2, win.sh = 2, win.sw = 1, win.dh = 1, win.dw = 3;
  const std::vector<int8_t> w = {1, 10, 0, -1};  // in[y][x] + 10 in[y][x+3] - in[y+1][x+3]
  const Tensor acc = golden::ops::conv(in, w, win, 1, 1);
  CHECK(acc.shape == nn::Shape{2, 2, 1});
  CHECK(acc.data == Values{0 + 30 - 8, 1 + 40 - 9, 10 + 130 - 18, 11 + 140 - 19});
}

TEST_CASE("groups see their own channels only") {
  const Tensor in = map({1, 1, 4}, {1, 2, 3, 4});
  const std::vector<int8_t> w = {1, 1, 1, -1, 2, 0, 0, 2};
  CHECK(golden::ops::conv(in, w, {}, 2, 4).data == Values{3, -1, 6, 8});
  const std::vector<int8_t> depthwise = {1, -1, 2, -2};
  CHECK(golden::ops::conv(in, depthwise, {}, 4, 4).data == Values{1, -2, 6, -8});
}

TEST_CASE("kernels are stored [out][kh][kw][in] and maps [h][w][c]") {
  const Tensor in = map({1, 2, 2}, {1, 10, 100, 1000});
  nn::Window win;
  win.kw = 2;
  CHECK(golden::ops::conv(in, std::vector<int8_t>{1, 2, 3, 4}, win, 1, 1).data ==
        Values{1 + 20 + 300 + 4000});
}

TEST_CASE("a fully connected layer takes the map in its stored order") {
  const Tensor in = map({2, 1, 2}, {1, 2, 3, 4});
  CHECK(golden::ops::fc(in, std::vector<int8_t>{1, 1, 1, 1, 1, -1, 2, -2}, 2).data ==
        Values{10, 1 - 2 + 6 - 8});
  CHECK_THROWS_AS(golden::ops::fc(in, std::vector<int8_t>{1, 1, 1}, 1), InternalError);
}

TEST_CASE("an accumulator that leaves 32 bits is a mistake of ours, never a wrong number") {
  const Tensor in = map({1, 1, 2}, {INT32_MAX, 1});
  CHECK_THROWS_AS(golden::ops::fc(in, std::vector<int8_t>{1, 1}, 1), InternalError);
  CHECK(golden::ops::fc(in, std::vector<int8_t>{1, -1}, 1).data == Values{INT32_MAX - 1});
}

TEST_CASE("max-pool overlaps, ignores its border and keeps channels apart") {
  const Tensor in = map({1, 3, 2}, {-5, 1, -4, 0, -6, 2});
  nn::Window win;
  win.kw = 3;
  win.left = win.right = 1;
  CHECK(golden::ops::max_pool(in, win).data == Values{-4, 1, -4, 2, -4, 2});
  win.left = 3;
  CHECK_THROWS_AS(golden::ops::max_pool(in, win), InternalError);
}

TEST_CASE("average pool gives the sum, with the border only where it counts") {
  const Tensor in = map({2, 2, 1}, {1, 2, 3, 4});
  nn::Window win;
  win.kh = win.kw = 2;
  CHECK(golden::ops::average_pool(in, win, false).data == Values{10});
  win.top = win.left = 1;
  win.pad_value = 7;
  CHECK(golden::ops::average_pool(in, win, false).data == Values{1, 3, 4, 10});
  CHECK(golden::ops::average_pool(in, win, true).data == Values{22, 17, 18, 10});
}

TEST_CASE("addition, concatenation and flattening keep the order") {
  const Tensor a = map({1, 2, 1}, {1, 2});
  const Tensor b = map({1, 2, 2}, {3, 4, 5, 6});
  CHECK(golden::ops::add({&b, &b, &b}).data == Values{9, 12, 15, 18});
  CHECK_THROWS_AS(golden::ops::add({&a, &b}), InternalError);
  const Tensor both = golden::ops::concat({&a, &b, &a});
  CHECK(both.shape == nn::Shape{1, 2, 4});
  CHECK(both.data == Values{1, 3, 4, 1, 2, 5, 6, 2});
  const Tensor flat = golden::ops::flatten(both);
  CHECK(flat.shape == nn::Shape{1, 1, 8});
  CHECK(flat.data == both.data);
}

TEST_CASE("argmax and top-k prefer the lower index among equals") {
  const Tensor in = map({1, 1, 6}, {-3, 7, 2, 7, 7, -9});
  CHECK(golden::ops::argmax(in).data == Values{1});
  CHECK(golden::ops::top_k(in, 4).data == Values{1, 3, 4, 2});
  CHECK(golden::ops::top_k(in, 6).data == Values{1, 3, 4, 2, 0, 5});
  CHECK_THROWS_AS(golden::ops::top_k(in, 7), InternalError);
}

import CKernels
import COneDNN
import CaffeCore
import CaffeGraph
import CaffePlan

/// y (M×N) = x (M×K) · Wᵀ + b with weights as they are stored, so that those of a mapped model need no packing.
struct InnerProductSizes: Sendable {
  let rows: Int
  let inputs: Int
  let outputs: Int
  /// Whether the weights are K×N instead of N×K.
  let isTransposed: Bool

  /// Work is cut into units of so many outputs or inputs, whatever the number of threads.
  static let unit = CKERNELS_TURNED_ROWS

  func units(_ extent: Int) -> Int { (extent + InnerProductSizes.unit - 1) / InnerProductSizes.unit }

  func range(_ unit: Int, _ extent: Int) -> Range<Int> {
    unit * InnerProductSizes.unit..<min(extent, (unit + 1) * InnerProductSizes.unit)
  }
}

enum InnerProductKernels {
  static func offer(_ request: KernelRequest, _ sizes: InnerProductSizes) -> KernelOffer {
    let isHalf = request.precision == .bf16 && !request.needsBackward
    var weights = request.weightShapes.map { _ in Layout.dense }
    if isHalf { weights[0] = BFloat16Weights(request.weightShapes[0]).layout }
    let forward = InnerProductForward(sizes: sizes, isHalf: isHalf, relu: request.operation.relu)
    return KernelOffer(
      forward: forward, backward: request.needsBackward ? InnerProductBackward(sizes: sizes) : nil, inputs: [.dense],
      outputs: [.dense], weights: weights, forwardScratch: forward.splits ? [sizes.inputs * 4] : [], backwardReads: [.bottom(0)])
  }
}

// The pointers below are a session's memory; units write disjoint ranges of it.

private struct InnerProductForward: Kernel {
  let sizes: InnerProductSizes
  /// Whether the weights are bf16.
  let isHalf: Bool
  let relu: Float?

  /// One row is bound by reading the weights once.
  private var isVector: Bool { sizes.rows == 1 && !sizes.isTransposed }
  /// Whether the row is split into two of bf16, which the CPU multiplies with the weights.
  var splits: Bool { isVector && isHalf && ckernels_multiplies_bf16() != 0 }
  var implementation: String { (isVector ? "gemv" : "gemm") + (isHalf ? " bf16" : "") + (splits ? ":avx512_bf16" : "") }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    let call = ForwardCall(
      sizes: sizes, relu: relu, x: memory.inputs[0], y: memory.outputs[0],
      weights: WeightMatrix(start: UnsafeRawPointer(memory.weights[0]), isHalf: isHalf),
      bias: memory.weights.count > 1 ? memory.weights[1] : nil,
      halves: splits ? UnsafeMutableRawPointer(memory.scratch[0]).assumingMemoryBound(to: UInt16.self) : nil)
    let isVector = isVector
    return BoundClosure { context in
      if let halves = call.halves { ckernels_split(call.x, Int64(sizes.inputs), halves) }
      context.pool.run(units: sizes.units(sizes.outputs)) { unit in
        let outputs = sizes.range(unit, sizes.outputs)
        if isVector { call.multiplyVector(outputs) } else { call.multiplyMatrix(outputs) }
        call.finish(outputs)
      }
    }
  }
}

private struct ForwardCall: @unchecked Sendable {
  let sizes: InnerProductSizes
  let relu: Float?
  let x, y: UnsafeMutablePointer<Float>
  let weights: WeightMatrix
  let bias: UnsafeMutablePointer<Float>?
  /// x as two rows of bf16, where it is split.
  let halves: UnsafeMutablePointer<UInt16>?

  /// y = x · Wᵀ, or x · W, for some of the outputs.
  func multiplyMatrix(_ outputs: Range<Int>) {
    let (k, n) = (sizes.inputs, sizes.outputs)
    multiply(
      rows: sizes.rows, columns: outputs.count, depth: k, Factor(x, row: k, column: 1),
      sizes.isTransposed
        ? weights.factor(from: outputs.lowerBound, row: n, column: 1)
        : weights.factor(from: outputs.lowerBound * k, row: 1, column: k),
      to: y + outputs.lowerBound, row: n, adds: false)
  }

  /// The same for one row.
  func multiplyVector(_ outputs: Range<Int>) {
    let rows = weights.start + outputs.lowerBound * sizes.inputs * weights.stride
    let (inputs, count, result) = (Int64(sizes.inputs), Int64(outputs.count), y + outputs.lowerBound)
    if let halves {
      ckernels_gemv_split(rows.assumingMemoryBound(to: UInt16.self), halves, inputs, count, result)
    } else if weights.isHalf {
      ckernels_gemv_bf16(vectorInstructions, rows.assumingMemoryBound(to: UInt16.self), x, inputs, count, result)
    } else {
      ckernels_gemv(vectorInstructions, rows.assumingMemoryBound(to: Float.self), x, inputs, count, result)
    }
  }

  func finish(_ outputs: Range<Int>) {
    for row in 0..<sizes.rows {
      let line = y + row * sizes.outputs
      if let bias { for i in outputs { line[i] += bias[i] } }
      if let relu { for i in outputs where line[i] < 0 { line[i] *= relu } }
    }
  }
}

/// The weights of a layer, floats or bf16.
private struct WeightMatrix {
  let start: UnsafeRawPointer
  let isHalf: Bool

  /// Bytes of an element.
  var stride: Int { isHalf ? 2 : 4 }

  /// The part that begins with an element, with elements from one row to the next, and from one column to the next.
  func factor(from element: Int, row: Int, column: Int) -> Factor {
    Factor(start + element * stride, row: row, column: column, isHalf: isHalf)
  }
}

private struct InnerProductBackward: Kernel {
  let sizes: InnerProductSizes

  var implementation: String { "gemm" }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    let call = BackwardCall(
      sizes: sizes, x: memory.inputs[0], dy: memory.outputDiffs[0], weights: memory.weights[0], dx: memory.inputDiffs[0],
      dw: memory.weightDiffs[0], db: memory.weightDiffs.count > 1 ? memory.weightDiffs[1] : nil)
    return BoundClosure { context in
      if call.dw != nil || call.db != nil {
        context.pool.run(units: sizes.units(sizes.outputs)) { call.weightGradient(sizes.range($0, sizes.outputs)) }
      }
      if call.dx != nil {
        context.pool.run(units: sizes.units(sizes.inputs)) { call.inputGradient(sizes.range($0, sizes.inputs)) }
      }
    }
  }
}

private struct BackwardCall: @unchecked Sendable {
  let sizes: InnerProductSizes
  let x, dy, weights: UnsafeMutablePointer<Float>
  let dx, dw, db: UnsafeMutablePointer<Float>?

  /// dW += dyᵀ · x (or xᵀ · dy), db += Σ dy, for some of the outputs.
  func weightGradient(_ outputs: Range<Int>) {
    let (m, k, n) = (sizes.rows, sizes.inputs, sizes.outputs)
    let columns = dy + outputs.lowerBound
    if let dw, sizes.isTransposed {
      for start in stride(from: 0, to: k, by: InnerProductSizes.unit) {
        multiply(
          rows: min(InnerProductSizes.unit, k - start), columns: outputs.count, depth: m, Factor(x + start, row: 1, column: k),
          Factor(columns, row: n, column: 1), to: dw + start * n + outputs.lowerBound, row: n, adds: true)
      }
    } else if let dw {
      multiply(
        rows: outputs.count, columns: k, depth: m, Factor(columns, row: 1, column: n), Factor(x, row: k, column: 1),
        to: dw + outputs.lowerBound * k, row: k, adds: true)
    }
    guard let db else { return }
    for row in 0..<sizes.rows { for i in outputs { db[i] += dy[row * sizes.outputs + i] } }
  }

  /// dx = dy · W, for some of the inputs.
  func inputGradient(_ inputs: Range<Int>) {
    guard let dx else { return }
    let (k, n) = (sizes.inputs, sizes.outputs)
    multiply(
      rows: sizes.rows, columns: inputs.count, depth: n, Factor(dy, row: n, column: 1),
      sizes.isTransposed
        ? Factor(weights + inputs.lowerBound * n, row: 1, column: n) : Factor(weights + inputs.lowerBound, row: k, column: 1),
      to: dx + inputs.lowerBound, row: k, adds: false)
  }
}

/// A matrix in memory: elements from one row to the next, and from one column to the next.
private struct Factor {
  let start: UnsafeRawPointer
  let row, column: Int
  let isHalf: Bool

  init(_ start: UnsafeRawPointer, row: Int, column: Int, isHalf: Bool = false) {
    self.start = start
    self.row = row
    self.column = column
    self.isHalf = isHalf
  }
}

/// result = a · b, or result += a · b where it `adds`; `a` is of floats.
private func multiply(
  rows: Int, columns: Int, depth: Int, _ a: Factor, _ b: Factor, to result: UnsafeMutablePointer<Float>, row: Int, adds: Bool
) {
  var product = ckgemm(
    rows: Int64(rows), columns: Int64(columns), depth: Int64(depth), a: a.start.assumingMemoryBound(to: Float.self),
    a_row: Int64(a.row),
    a_depth: Int64(a.column), b: b.start, b_is_bf16: b.isHalf ? 1 : 0, b_depth: Int64(b.row), b_column: Int64(b.column),
    c: result, c_row: Int64(row), accumulate: adds ? 1 : 0)
  ckernels_gemm(vectorInstructions, &product)
}

/// The vector instructions that the kernels use: what this CPU has.
let vectorInstructions = ckernels_instruction_set()

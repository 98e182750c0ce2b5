import CaffePlan
import CaffeTraining
import Testing

@Suite("A training that diverges")
struct DivergenceTests {
  @Test("ends with an error that names the parameter or the layer where it began")
  func named() throws {
    let training = try SmallTraining()
    let error = #expect(throws: RunError.self) {
      try training.solver("max_iter: 50 weight_decay: 1e36 snapshot_after_train: false").solve()
    }
    let text = error?.description ?? ""
    #expect(text.hasPrefix("iteration ") && text.contains(": the loss is "), "\(text)")
    #expect(text.contains("parameter 0 of layer \"") || text.contains("it began where layer \""), "\(text)")
  }

  @Test("goes on when that is asked for")
  func goingOn() throws {
    let training = try SmallTraining()
    let solver = try training.solver("max_iter: 8 weight_decay: 1e36 snapshot_after_train: false")
    solver.stopsOnNaN = false
    try solver.solve()
    #expect(solver.iteration == 8)
  }
}

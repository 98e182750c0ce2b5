import Caffe
import CaffeGraph
import CaffeLayers
import CaffeTesting
import Foundation

// A net with the layer: it learns a wave of which it is told neither frequency nor height.
let registry = LayerRegistry.standard.adding(SineLayer.self)

// The test kit for layers looks at gradients, round trips, what backward reads, and more.
try LayerCheck.all(
  LayerCheck.net("type: 'Sine' sine_param { frequency: 0.8 }", ["x": [4, 3]]), registry: registry)
print("The layer keeps the contract of layers.")

var training = Training(solver: CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "solver.prototxt")
training.options.registry = registry
let solver = try training.prepare()
var first: Float?
var last: Float = 0
solver.onStep = { step in
  if first == nil { first = step.loss }
  last = step.loss
}
try solver.solve()
print("The loss went from \(first ?? 0) to \(last).")
guard let first, last < first / 100 else {
  print("It should have fallen to a hundredth: the layer did not learn.")
  exit(1)
}

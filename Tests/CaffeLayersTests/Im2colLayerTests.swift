import CaffeTesting
import Testing

@Suite("Im2col")
struct Im2colLayerTests {
  @Test(
    "keeps the contract of layers",
    arguments: [
      "kernel_size: 3", "kernel_size: 3 pad: 1 stride: 2", "kernel_h: 1 kernel_w: 4 pad_h: 0 pad_w: 2",
      "kernel_size: 2 dilation: 3",
    ])
  func contract(window: String) throws {
    try LayerCheck.all(LayerCheck.net("type: 'Im2col' convolution_param { \(window) }", ["x": [2, 3, 7, 6]]))
  }

  @Test("keeps the contract of layers on lines and volumes")
  func otherAxes() throws {
    try LayerCheck.all(LayerCheck.net("type: 'Im2col' convolution_param { kernel_size: 3 pad: 1 }", ["x": [2, 3, 9]]))
    try LayerCheck.all(LayerCheck.net("type: 'Im2col' convolution_param { kernel_size: 2 axis: 0 }", ["x": [2, 3, 4, 3]]))
  }

  @Test("lays each element of the window out as a channel, padding as zeros")
  func values() throws {
    let layer = try OneLayer(
      "type: 'Im2col' convolution_param { kernel_h: 1 kernel_w: 2 }", ["x": .of([1, 1, 1, 3], [1, 2, 3])])
    #expect(try layer.forward() == [1, 2, 2, 3])
    #expect(layer.top("y")?.shape == [1, 2, 1, 2])
    #expect(try layer.backward(from: [1, 10, 100, 1000]) == [1, 110, 1000])
    let padded = try OneLayer("type: 'Im2col' convolution_param { kernel_size: 3 pad: 1 }", ["x": .of([1, 1, 2], [1, 2])])
    #expect(try padded.forward() == [0, 1, 1, 2, 2, 0])
  }

  @Test("refuses windows that do not fit")
  func mistakes() {
    let axes = OneLayer.mistake("type: 'Im2col' convolution_param { kernel_size: 1 }", ["x": [2, 3]])
    #expect(axes?.contains("needs at least 1 axis after axis 1") == true)
    let size = OneLayer.mistake("type: 'Im2col' convolution_param { kernel_size: 4 }", ["x": [1, 1, 3]])
    #expect(size?.contains("the kernel covers 4 but the padded input only 3 along spatial axis 0") == true)
    let kernel = OneLayer.mistake("type: 'Im2col'", ["x": [1, 1, 3]])
    #expect(kernel?.contains("kernel_size is missing") == true)
  }
}

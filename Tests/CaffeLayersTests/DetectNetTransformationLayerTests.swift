import CaffeTesting
import Testing

/// No gradient check: the layer prepares data and does not run here.
@Suite("DetectNetTransformation")
struct DetectNetTransformationLayerTests {
  @Test("has tops that are not known, and does not run")
  func unknown() {
    let text = OneLayer.mistake(
      "type: 'DetectNetTransformation' detectnet_groundtruth_param { stride: 16 object_class { src: 1 dst: 0 } }",
      ["data": [1, 3, 8, 8], "label": [1, 1, 2, 16]], tops: ["a", "b"])
    #expect(text?.contains("prepares data for DetectNet's training, which is not done here") == true)
  }
}

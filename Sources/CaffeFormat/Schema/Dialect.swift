/// Whose Caffe a file was written for.
///
/// Forks gave the same names to different things. Almost always a layer's fields or the number of its bottoms say which one
/// is meant, and `any` then reads them all; where they do not, naming the fork decides.
public enum Dialect: String, Sendable, CaseIterable {
  /// Every fork's layers and fields together; where a file leaves it open, the reading that most published files need.
  case any
  /// BVLC's Caffe 1.0.
  case bvlc
  /// Liu et al., Single Shot MultiBox Detector.
  case ssd
  /// Ren et al., Faster R-CNN, and Dai et al., R-FCN.
  case rcnn
  /// Chen et al., DeepLab.
  case deeplab
  /// Zhao et al., PSPNet.
  case pspnet
  /// Badrinarayanan et al., SegNet.
  case segnet
  /// The ports of Redmon's YOLO.
  case yolo
  /// NVIDIA's fork.
  case nvidia
  /// Intel's fork.
  case intel
}

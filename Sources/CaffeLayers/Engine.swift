import CaffeFormat

/// Which of Caffe's implementations a layer asked for, those of Intel's fork among them; read and kept, but the planner chooses
/// here.
public enum Engine: Int32, ProtoEnum {
  case DEFAULT = 0
  case CAFFE = 1
  case CUDNN = 2
  case MKL2017 = 3
  case MKLDNN = 4
  public static let schema = makeSchema("Engine")
}

import CaffeFormat

/// Which of Caffe's implementations a layer asked for; read and kept, but the planner chooses here.
public enum Engine: Int32, ProtoEnum {
  case DEFAULT = 0
  case CAFFE = 1
  case CUDNN = 2
  public static let schema = makeSchema("Engine")
}

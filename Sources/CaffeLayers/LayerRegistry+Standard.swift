import CaffeGraph

extension LayerRegistry {
  /// The layers this package brings, sorted by type.
  public static let standard = LayerRegistry([
    AccuracyLayer.self,
    BatchNormLayer.self,
    ConcatLayer.self,
    ConvolutionLayer.self,
    DataLayer.self,
    DropoutLayer.self,
    DummyDataLayer.self,
    EltwiseLayer.self,
    EuclideanLossLayer.self,
    FlattenLayer.self,
    InnerProductLayer.self,
    InputLayer.self,
    LRNLayer.self,
    PReLULayer.self,
    PoolingLayer.self,
    ReLULayer.self,
    ReshapeLayer.self,
    ScaleLayer.self,
    SigmoidLayer.self,
    SilenceLayer.self,
    SliceLayer.self,
    SoftmaxLayer.self,
    SoftmaxWithLossLayer.self,
    SplitLayer.self,
    TanHLayer.self,
  ])
}

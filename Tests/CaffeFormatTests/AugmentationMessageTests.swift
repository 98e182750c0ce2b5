import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import Testing

@Suite("Messages of forks")
struct AugmentationMessageTests {
  private static let transform = """
    scale: 0.5 mirror: true mean_value: 104 mean_value: 117 mean_value: 123
    resize_param {
      prob: 0.9 resize_mode: FIT_LARGE_SIZE_AND_PAD height: 300 width: 200 pad_mode: MIRRORED pad_value: 1 pad_value: 2
      interp_mode: AREA interp_mode: LANCZOS4 height_scale: 3 width_scale: 4
    }
    noise_param {
      prob: 0.1 hist_eq: true inverse: true decolorize: true gauss_blur: true jpeg: 80 posterize: true erode: true saltpepper: true
      saltpepper_param { fraction: 0.2 value: 0 value: 255 } clahe: true convert_to_hsv: true convert_to_lab: true
    }
    emit_constraint { emit_type: MIN_OVERLAP emit_overlap: 0.4 }
    crop_h: 30 crop_w: 20
    distort_param {
      brightness_prob: 0.5 brightness_delta: 32 contrast_prob: 0.4 contrast_lower: 0.3 contrast_upper: 1.5 hue_prob: 0.6 hue_delta: 18
      saturation_prob: 0.7 saturation_lower: 0.8 saturation_upper: 1.25 random_order_prob: 0.125
    }
    expand_param { prob: 0.5 max_expand_ratio: 4 }
    random_resize_param { min_size: 256 max_size: 480 resize_param { interp_mode: CUBIC } }
    random_aspect_ratio_param {
      min_area_ratio: 0.08 max_area_ratio: 0.9 aspect_ratio_change: 1.5 max_attempt: 7 resize_param { interp_mode: CUBIC }
    }
    flow: true bgr2rgb: true scale_factors: 0.5 scale_factors: 1.25
    contrast_adjustment: true smooth_filtering: true jpeg_compression: true min_scaling_factor: 0.8 max_scaling_factor: 1.2
    angle_interval: 5 max_shearing_ratio: 0.1 max_perspective_ratio: 0.2 warp_fillval: 128 debug_display: false
    img_rand_resize_lower: 256 img_rand_resize_upper: 480 use_gpu_transform: true random_seed: 7
    augmentation_param {
      min_area: 0.5 max_area: 0.75 max_aspect: 2 min_scale: 0.5 max_scale: 1.5 max_angle: 10 brightness: 20 contrast: 0.25
      saturation: 0.5 hue: 15
    }
    """

  private static func parse(_ text: String, as schema: MessageSchema) throws -> Message {
    try TextParser.parse(SourceFile(name: "n", text: text), as: schema)
  }

  @Test("keep every field of transform_param, typed, in text and in bytes")
  func transform() throws {
    let schema = TransformationParameter.schema
    let message = try Self.parse(Self.transform, as: schema)
    #expect(Set(message.entries.map(\.field.name)).count == schema.fields.count - 4)  // crop_size, mean_file, force_…
    let typed = TransformationParameter(message)
    #expect(typed.resizeParam?.interpMode == [.AREA, .LANCZOS4])
    #expect(typed.distortParam?.saturationUpper == 1.25)
    #expect(try Self.parse(TextPrinter.print(typed.message), as: schema) == typed.message)
    #expect(TransformationParameter(typed.message) == typed)
    #expect(Set(typed.message.entries.map(\.field.name)) == Set(message.entries.map(\.field.name)))
    let bytes = WireWriter.bytes(message)
    #expect(try bytes.withUnsafeBytes { try WireReader.decode($0, as: schema, name: "n") } == message)
  }

  private static let numbers = [
    "crop_h": 11, "crop_w": 12, "resize_param": 8, "noise_param": 9, "emit_constraint": 10, "distort_param": 13,
    "expand_param": 14,
    "random_resize_param": 15, "random_aspect_ratio_param": 16, "flow": 17, "bgr2rgb": 18,
  ]

  @Test("have the forks' numbers in bytes, and no number twice")
  func numbers() {
    for (name, number) in Self.numbers { #expect(TransformationParameter.schema.field(named: name)?.number == number, "\(name)") }
    for schema in [TransformationParameter.schema, SolverParameter.schema, LayerRegistry.standard.schema.solver] {
      #expect(Set(schema.fields.map(\.number)).count == schema.fields.count, "\(schema.name)")
    }
    let layers = LayerRegistry.standard.schema.layer
    let detection = [
      "annotated_data_param": 200, "multibox_loss_param": 201, "permute_param": 202, "prior_box_param": 203,
      "detection_output_param": 204, "detection_evaluate_param": 205, "norm_param": 206, "video_data_param": 207,
    ]
    for (name, number) in detection { #expect(layers.field(named: name)?.number == number, "\(name)") }
    #expect(Set(layers.fields.map(\.number)).count == layers.fields.count)
  }

  @Test("have the forks' defaults")
  func defaults() {
    #expect(ResizeParameter().prob == 1)
    #expect(NoiseParameter().jpeg == -1)
    #expect(RandomAspectRatioParameter().maxAttempt == 10)
    #expect(ExpansionParameter().maxExpandRatio == 1)
    #expect(EmitConstraint().emitType == .CENTER)
  }

  @Test("keep SSD's fields of a solver beside those of Caffe 1.0")
  func solver() throws {
    let text = """
      eval_type: "detection" ap_version: "11point" plateau_winsize: 10000 plateau_winsize: 20000 show_per_class_result: true
      layer_wise_reduce: false weights: "a"
      """
    let message = try Self.parse(text, as: SolverParameter.schema)
    let solver = SolverParameter(message)
    #expect(solver.evalType == "detection")
    #expect(solver.plateauWinsize == [10000, 20000])
    #expect(SolverParameter(solver.message) == solver)
    #expect(SolverParameter().evalType == "classification")
    #expect(SolverParameter().apVersion == "Integral")
    let bytes = WireWriter.bytes(message)
    #expect(try bytes.withUnsafeBytes { try WireReader.decode($0, as: SolverParameter.schema, name: "n") } == message)
  }
}

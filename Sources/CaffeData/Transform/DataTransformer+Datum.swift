import CaffeCore

extension DataTransformer {
  /// A record's pixels, decoded where they have to be.
  enum Picture {
    case planes(PixelBlock<UInt8>)
    case floats([Float], channels: Int, height: Int, width: Int)
    case image(Image)
  }

  /// The pixels of a record.
  ///
  /// - Throws: `DatumError`, `ImageError` or `DataSettingsError` when they are missing, damaged or not as many as claimed.
  func picture(of datum: DatumView) throws -> Picture {
    guard !datum.isEncoded else {
      return .image(try ImageDecoder.decode(datum.data, source: "record", as: forcedChannels ?? .asStored))
    }
    guard forcedChannels == nil else {
      throw DatumError("force_color and force_gray are for encoded images, and this record holds plain pixels; remove them")
    }
    guard !datum.data.isEmpty || !datum.floats.isEmpty else { throw DatumError("it has neither data nor float_data") }
    let (channels, height, width) = (datum.channels, datum.height, datum.width)
    guard datum.data.isEmpty else {
      return .planes(try PixelBlock(planes: datum.data, channels: channels, height: height, width: width))
    }
    return .floats(datum.floats, channels: channels, height: height, width: width)
  }

  /// The shape C×h×w that a record's picture becomes.
  ///
  /// - Throws: `DataSettingsError`, as for any picture.
  func outputShape(of picture: Picture) throws(DataSettingsError) -> Shape {
    switch picture {
    case .planes(let block): try outputShape(channels: block.channels, height: block.height, width: block.width)
    case .floats(_, let channels, let height, let width): try outputShape(channels: channels, height: height, width: width)
    case .image(let image): try outputShape(channels: image.channels, height: image.height, width: image.width)
    }
  }

  /// Transforms a record's picture into C×h×w floats.
  ///
  /// - Throws: `DataSettingsError`, as for any picture.
  func transform(_ picture: Picture, item: Int, into output: UnsafeMutableBufferPointer<Float>) throws {
    switch picture {
    case .planes(let block): try transform(block, item: item, into: output)
    case .image(let image): try transform(image, item: item, into: output)
    case .floats(let values, let channels, let height, let width):
      try values.withUnsafeBufferPointer { values in
        let block = try PixelBlock(planes: values, channels: channels, height: height, width: width)
        try transform(block, item: item, into: output)
      }
    }
  }
}

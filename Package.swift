// swift-tools-version: 6.1
import PackageDescription

let core: [Target.Dependency] = ["CaffeCore"]

let package = Package(
  name: "caffe",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "caffe", targets: ["CaffeCommand"]),
    .library(
      name: "Caffe",
      targets: ["Caffe", "CaffeCore", "CaffeFormat", "CaffeGraph", "CaffeLayers", "CaffePlan", "CaffeTraining"]),
    .library(name: "CaffeTesting", targets: ["CaffeTesting"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    .systemLibrary(name: "CLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"]), .brew(["lmdb"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CLevelDB", providers: [.apt(["libleveldb-dev"]), .brew(["leveldb"])]),
    .target(name: "CArchive", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
    .target(name: "CMPI", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(name: "CPNG", linkerSettings: [.linkedLibrary("png")]),
    .target(name: "CSystem"),
    .target(name: "CKernels"),
    .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),

    .target(name: "CaffeCore", dependencies: ["CSystem"]),
    .target(name: "CaffeFormat", dependencies: core),
    .target(name: "CaffeHDF5", dependencies: core + ["CaffeFormat", "CHDF5", "CZlib"]),
    .target(name: "CaffeGraph", dependencies: core + ["CaffeFormat"]),
    .target(name: "CaffeLayers", dependencies: core + ["CaffeFormat", "CaffeGraph"]),
    .target(name: "CaffePlan", dependencies: core + ["CaffeFormat", "CaffeGraph"]),
    .target(name: "CaffeOneDNN", dependencies: core + ["CaffeGraph", "CaffePlan", "CKernels", "COneDNN"]),
    .target(name: "CaffeData", dependencies: core + ["CaffeFormat", "CaffeHDF5", "CLMDB", "CLevelDB", "CJPEG", "CPNG", "CZlib"]),
    .target(name: "CaffeTraining", dependencies: core + ["CaffeFormat", "CaffeHDF5", "CaffeGraph", "CaffePlan"]),
    .target(name: "CaffeMPI", dependencies: ["CMPI", "CaffeTraining"]),
    .target(name: "CaffeVision", dependencies: core + ["CaffeFormat", "CaffeData"]),
    .target(
      name: "CaffeZoo",
      dependencies: core + [
        "CArchive", "CCurl", "CSystem", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Yams", package: "Yams"),
      ],
      plugins: ["EmbedModels"]),
    .executableTarget(name: "ModelEmbedder"),
    .plugin(name: "EmbedModels", capability: .buildTool(), dependencies: ["ModelEmbedder"]),
    .target(name: "CaffeDraw", dependencies: core + ["CaffeFormat", "CaffeGraph"]),
    .target(
      name: "Caffe",
      dependencies: core + [
        "CaffeFormat", "CaffeHDF5", "CaffeGraph", "CaffeLayers", "CaffePlan", "CaffeOneDNN", "CaffeData", "CaffeTraining",
        "CaffeVision", "CaffeZoo", "CaffeDraw",
      ]),
    .executableTarget(
      name: "CaffeCommand",
      dependencies: [
        "Caffe", "CaffeCore", "CaffeFormat", "CaffeHDF5", "CaffeGraph", "CaffeLayers", "CaffePlan", "CaffeTraining", "CaffeData",
        "CaffeMPI", "CaffeVision", "CaffeZoo", "CaffeDraw", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(name: "CaffeTesting", dependencies: ["Caffe"]),
    .executableTarget(name: "LayerPages", dependencies: core + ["CaffeFormat", "CaffeGraph", "CaffeLayers"]),

    .target(
      name: "LoopbackServers", dependencies: [.product(name: "Crypto", package: "swift-crypto")], path: "Tests/LoopbackServers"),
    .testTarget(name: "CaffeCoreTests", dependencies: core),
    .testTarget(name: "CaffeFormatTests", dependencies: core + ["CaffeFormat", "CaffeGraph", "CaffeLayers", "CaffeTesting"]),
    .testTarget(name: "CaffeGraphTests", dependencies: core + ["CaffeFormat", "CaffeGraph", "CaffeLayers", "CaffeTesting"]),
    .testTarget(name: "CaffeHDF5Tests", dependencies: core + ["CaffeHDF5", "CaffeTesting"]),
    .testTarget(name: "CaffeDataTests", dependencies: core + ["CaffeFormat", "CaffeData", "CaffeHDF5", "CLevelDB"]),
    .testTarget(name: "CaffeLayersTests", dependencies: ["Caffe", "CaffeTesting"]),
    .testTarget(name: "CaffePlanTests", dependencies: ["Caffe", "CaffeTesting"]),
    .testTarget(name: "CaffeOneDNNTests", dependencies: ["Caffe", "CaffeTesting", "CKernels"]),
    .testTarget(name: "CaffeTrainingTests", dependencies: core + ["Caffe", "CaffeData", "CaffeHDF5", "CaffeTesting"]),
    .testTarget(name: "CaffeMPITests", dependencies: ["CaffeMPI"]),
    .testTarget(name: "ConformanceTests", dependencies: ["Caffe", "CaffeTesting"]),
    .testTarget(
      name: "CaffeCommandTests",
      dependencies: core + [
        "CaffeCommand", "CaffeFormat", "CaffeHDF5", "CaffeData", "CaffeTesting", "CaffeVision", "CaffeZoo", "LoopbackServers",
      ]),
    .testTarget(
      name: "CaffeVisionTests", dependencies: core + ["Caffe", "CaffeFormat", "CaffeData", "CaffeVision", "CaffeTesting"]),
    .testTarget(name: "CaffeZooTests", dependencies: ["Caffe", "CaffeTesting", "CaffeZoo", "LoopbackServers"]),
    .testTarget(name: "CaffeDrawTests", dependencies: ["Caffe", "CaffeTesting", "CaffeDraw"]),
    .testTarget(name: "LayerPagesTests", dependencies: ["LayerPages", "Caffe", "CaffeTesting"]),
  ]
)

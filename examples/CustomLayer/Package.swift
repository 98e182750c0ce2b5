// swift-tools-version: 6.1
import PackageDescription

// A layer of one's own, in a package of its own: nothing in Caffe's package is edited.
let package = Package(
  name: "CustomLayer",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "caffe", path: "../..")],
  targets: [
    .executableTarget(
      name: "CustomLayer",
      dependencies: [.product(name: "Caffe", package: "caffe"), .product(name: "CaffeTesting", package: "caffe")])
  ]
)

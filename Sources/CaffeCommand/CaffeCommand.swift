@main
enum CaffeCommand { static func main() {} }

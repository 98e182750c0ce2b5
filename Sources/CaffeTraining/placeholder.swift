import CaffeCore

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy
import os


class XgradConan(ConanFile):
    name = "xgrad"
    version = "0.1.0"
    description = "Reverse-mode automatic differentiation for xtensor"
    license = "BSD-3-Clause"
    topics = ("automatic-differentiation", "xtensor", "deep-learning", "onnx")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "with_command": [True, False]}
    default_options = {"shared": False, "with_command": True}

    def export_sources(self):
        root = os.path.join(self.recipe_folder, "..", "..")
        for name in ("base", "kernels", "graph", "ops", "inspect", "optim", "formats", "models", "ranks", "oracles",
                     "apps", "cmake", "data", "docs"):
            copy(self, name + "/*", src=root, dst=self.export_sources_folder)
        for name in ("CMakeLists.txt", "xgrad.hpp", "*.md", "LICENSE"):
            copy(self, name, src=root, dst=self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        self.requires("xtensor/[>=0.24 <1]", transitive_headers=True)
        self.requires("xsimd/[>=8.1]", transitive_headers=True)
        self.requires("fmt/[>=9]")
        self.requires("zlib/[>=1.2]")
        self.requires("nlohmann_json/[>=3.11]")
        self.requires("libpng/[>=1.6]")
        self.requires("libjpeg-turbo/[>=2.1]")
        if self.options.with_command:
            self.requires("cli11/[>=2.3]")

    def validate(self):
        check_min_cppstd(self, 20)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.variables["XGRAD_TESTS"] = False
        toolchain.variables["XGRAD_MPI"] = "OFF"
        toolchain.variables["XGRAD_APPS"] = bool(self.options.with_command)
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", src=self.source_folder, dst=os.path.join(self.package_folder, "licenses"))
        CMake(self).install()

    def package_info(self):
        self.cpp_info.libs = ["xgrad"]
        self.cpp_info.set_property("cmake_file_name", "xgrad")
        self.cpp_info.set_property("cmake_target_name", "xgrad::xgrad")
        if self.settings.os == "Linux":
            self.cpp_info.system_libs = ["pthread", "dl"]

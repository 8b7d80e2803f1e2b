using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using L2tpd.Linux;
using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Unit.Tests.Linux;

/// <summary>
/// Which assembly declares what of the C library: Tmds.LibC what it has, L2tpd.Linux the rest, no other assembly anything (docs/adr/0015).
/// </summary>
public sealed class LibCTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Structures of Tmds.LibC that we declare again, as docs/adr/0015 says why.</summary>
    private static readonly string[] DeclaredAgain = ["mmsghdr", "siginfo_t"];

    [Fact]
    public void Only_the_Linux_room_calls_the_C_library()
    {
        var rooms = Rooms();
        Assert.Contains(rooms, r => Path.GetFileName(r) == "L2tpd.Linux.dll" && CallsNativeCode(r));
        Assert.Contains(rooms, r => Path.GetFileName(r) == "l2tpd.dll");
        Assert.All(rooms, r => Assert.True(Path.GetFileName(r) == "L2tpd.Linux.dll" || !CallsNativeCode(r), r));
    }

    [Fact]
    public void Nothing_is_declared_that_the_package_has()
    {
        var theirs = typeof(LibC).GetMethods(Declared).Select(m => m.Name.Replace("get_", "", StringComparison.Ordinal)).ToHashSet();
        var functions = typeof(Native).GetMethods(Declared).Where(IsImport).ToArray();
        Assert.Contains(functions, f => f.Name.Contains("recvmmsg", StringComparison.Ordinal));
        var constants = typeof(Native).GetFields(Declared).Where(f => f.IsLiteral).Select(f => f.Name);
        Assert.DoesNotContain(functions.Select(f => f.Name).Concat(constants), theirs.Contains);
        var package = typeof(LibC).Assembly;
        var structures = typeof(Native).GetNestedTypes(Declared)
            .Where(t => t.IsValueType && package.GetType("Tmds.Linux." + t.Name) is not null);
        Assert.Equal(DeclaredAgain, structures.Select(t => t.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>Errno has constants of its own because a property cannot be a pattern.</summary>
    [Fact]
    public void Errno_numbers_are_those_of_the_package()
    {
        var numbers = typeof(Errno).GetFields(Declared).Where(f => f.IsLiteral).ToArray();
        Assert.True(numbers.Length > 50);
        Assert.All(numbers, n => Assert.Equal(typeof(LibC).GetProperty(n.Name)!.GetValue(null), n.GetRawConstantValue()));
        Assert.All(numbers, n => Assert.Equal(n.Name, Errno.Name((int)n.GetRawConstantValue()!)));
    }

    /// <summary>asm-generic/siginfo.h. In the structure of the package, the two are exchanged.</summary>
    [Fact]
    public void The_code_of_a_siginfo_follows_its_errno()
    {
        Assert.Equal(8, Marshal.OffsetOf<Native.siginfo_t>(nameof(Native.siginfo_t.si_code)));
        Assert.Equal(16, Marshal.OffsetOf<Native.siginfo_t>(nameof(Native.siginfo_t.si_pid)));
        Assert.Equal(24, Marshal.OffsetOf<Native.siginfo_t>(nameof(Native.siginfo_t.si_status)));
    }

    private static bool IsImport(MethodInfo method) =>
        method.GetCustomAttribute<LibraryImportAttribute>() is not null || method.Attributes.HasFlag(MethodAttributes.PinvokeImpl);

    /// <summary>The assemblies of src in the directory of this one.</summary>
    private static string[] Rooms() => [.. Directory.GetFiles(AppContext.BaseDirectory, "*.dll").Where(IsRoom)];

    private static bool IsRoom(string path)
    {
        var name = Path.GetFileName(path);
        return name.StartsWith("l2tp", StringComparison.OrdinalIgnoreCase) && !name.Contains("Test", StringComparison.Ordinal);
    }

    private static bool CallsNativeCode(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var metadata = file.GetMetadataReader();
        return metadata.MethodDefinitions.Any(m => metadata.GetMethodDefinition(m).Attributes.HasFlag(MethodAttributes.PinvokeImpl))
            || metadata.AssemblyReferences.Any(r => metadata.GetString(metadata.GetAssemblyReference(r).Name) == "Tmds.LibC");
    }
}

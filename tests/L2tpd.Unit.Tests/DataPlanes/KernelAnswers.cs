using L2tpd.Unit.Tests.Linux;

namespace L2tpd.Unit.Tests.DataPlanes;

/// <summary>Answers of the kernel for a <see cref="ScriptedKernel"/>, about an interface pw0.</summary>
internal static class KernelAnswers
{
    public static byte[][] Acknowledge(byte[] request) => [ScriptedKernel.Ack(request, 0)];

    /// <summary>The session whose interface is pw0.</summary>
    public static byte[][] SessionPw0(byte[] request) =>
        [ScriptedKernel.Message(request, ScriptedKernel.Family, 0, ScriptedKernel.Hex("08010000" + "0800080070773000")),
            ScriptedKernel.Ack(request, 0)];

    /// <summary>Index 7, pw0, MTU 1,500.</summary>
    public static byte[][] Link(byte[] request) =>
    [
        ScriptedKernel.Message(request, 16, 0,
            ScriptedKernel.Hex("00000000070000000000000000000000" + "0800030070773000" + "08000400dc050000")),
        ScriptedKernel.Ack(request, 0),
    ];
}

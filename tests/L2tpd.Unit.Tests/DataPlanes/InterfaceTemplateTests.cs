using L2tpd.Configuration;

namespace L2tpd.Unit.Tests.DataPlanes;

/// <summary>Names of session interfaces.</summary>
public sealed class InterfaceTemplateTests
{
    [Theory]
    [InlineData("pw0", true)]
    [InlineData("l2tp-{peer}", true)]
    [InlineData("{end-id}", true)]
    [InlineData("pw{id}-%d", true)]
    [InlineData("fifteen-letters", true)]
    [InlineData("sixteen-letters.", false)]
    [InlineData("fourteen-long-{peer}{id}", false)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("a:b", false)]
    [InlineData("p\u00e4", false)]
    [InlineData("{name}", false)]
    [InlineData("{peer", false)]
    [InlineData("a%s", false)]
    [InlineData("a%d%d", false)]
    [InlineData("a%", false)]
    public void Templates(string template, bool good) => Assert.Equal(good, InterfaceTemplate.Problem(template) is null);

    [Theory]
    [InlineData("pw0", true, true)]
    [InlineData("l2tp-{peer}", true, true)]
    [InlineData("{peer}-{end-id}", false, true)]
    [InlineData("pw%d", false, false)]
    [InlineData("{id}", false, false)]
    public void Fixed_names(string template, bool isFixed, bool isFixedForEndId) =>
        Assert.Equal((isFixed, isFixedForEndId), (InterfaceTemplate.IsFixed(template), InterfaceTemplate.IsFixedForEndId(template)));
}

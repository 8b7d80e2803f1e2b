using System.Globalization;

namespace L2tpd.Unit.Tests.Engine;

/// <summary>Seeds of a random test: those asked for, or the one in the environment variable L2TPD_SEED.</summary>
internal static class Seeds
{
    public static void Each(int count, Action<int> run)
    {
        var given = Environment.GetEnvironmentVariable("L2TPD_SEED");
        if (!string.IsNullOrEmpty(given))
        {
            run(int.Parse(given, CultureInfo.InvariantCulture));
            return;
        }

        for (var seed = 1; seed <= count; seed++)
        {
            try
            {
                run(seed);
            }
            catch (Exception e)
            {
                Assert.Fail($"replay with L2TPD_SEED={seed}: {e}");
            }
        }
    }
}

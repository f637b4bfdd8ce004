using System.Text;

using Redis.Protocol;

namespace Redis.Tests.Protocol;

internal sealed class IntegersTests
{
    [TestCase("0", 0)]
    [TestCase("-1", -1)]
    [TestCase("1234567890123456789", 1234567890123456789)]
    [TestCase("9223372036854775807", long.MaxValue)]
    [TestCase("-9223372036854775808", long.MinValue)]
    public void TryParse_Number_IsRead(string text, long expected)
    {
        Assert.That(Integers.TryParse(Encoding.ASCII.GetBytes(text), out long number), Is.True);
        Assert.That(number, Is.EqualTo(expected));
    }

    [TestCase("")]
    [TestCase("-")]
    [TestCase("-0")]
    [TestCase("+1")]
    [TestCase("01")]
    [TestCase(" 1")]
    [TestCase("1 ")]
    [TestCase("1.0")]
    [TestCase("0x1")]
    [TestCase("9223372036854775808")]
    [TestCase("-9223372036854775809")]
    [TestCase("10000000000000000000")]
    [TestCase("18446744073709551617")]
    public void TryParse_NoNumber_IsRefused(string text) => Assert.That(Integers.TryParse(Encoding.ASCII.GetBytes(text), out _), Is.False);
}

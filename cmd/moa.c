// SPDX-License-Identifier: MIT
/* cmd/moa.c -- the one program. */
int main(void)
{
    return 0;
}
